// Before the first paint and outside the bundle, so that the page never flashes in the other theme (the CSP allows no inline script).
;(function () {
  var wanted = 'system'
  try {
    wanted = localStorage.getItem('parley:theme') || 'system'
  } catch {
    // storage is refused: follow the system
  }
  var dark = wanted === 'dark' || (wanted !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
})()
