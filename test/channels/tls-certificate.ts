/** A self-signed certificate for 127.0.0.1 and its key, made for these tests and trusted by nobody. */
export const certificate = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkLosMvVJn5TzSgh/
qPSY8CAGUwh5O7fNixeV58+8BIShRANCAAT+fOniD7J4HsWPrmh/wdceKrpIvjqR
wcYCmny0Juge+iCfpTM+KBehsNSc1XHl1sl1gKAuvHfqdDCjQXCc/Yks
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUeFrzM+Kts662dqTfvQznSWp/RGgwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjEwMjExM1oYDzIxMjYxMDI5
MTAyMTEzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAT+fOniD7J4HsWPrmh/wdceKrpIvjqRwcYCmny0Juge+iCfpTM+KBeh
sNSc1XHl1sl1gKAuvHfqdDCjQXCc/Ykso28wbTAdBgNVHQ4EFgQUn7I3xm7g4+7W
bmX8Af1SNxHcmkYwHwYDVR0jBBgwFoAUn7I3xm7g4+7WbmX8Af1SNxHcmkYwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgGDyf7HVrocW3ijkj+blb0OXWyOrb7obCrbZIg2WPK9kCICpJ
XgHUew/w44G6GbXkEZ9oa64PbDf+pbPPddytGCf6
-----END CERTIFICATE-----`,
}
