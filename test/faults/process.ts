// What a ServerNode runs: first what watches it, then Parley itself.
import './failpoint.ts'
import '../support/unlimited.ts'
import '../../server/main.ts'
