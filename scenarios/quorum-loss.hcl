scenario "quorum-loss" {
  title   = "Two of three Consul servers die"
  tier    = 2
  teaches = ["quorum", "stale reads", "what still works without a leader"]
  docs    = "docs/scenarios/quorum-loss.md"
  limit   = "120s"

  lesson = <<-EOT
    One server of three cannot elect anybody: nothing is written, and a query that wants the
    newest answer gets none. A stale query is answered by the one that is left, with what it
    knew last. Calls go on. A newcomer registers, and nobody learns of it until there is a quorum.
  EOT
  watch  = "the resolver's errors (none with stale=true), and a newcomer that nobody calls"

  topology {
    servers  = 3
    clients  = 1
    replicas = 3
    query    = "stale=true"
  }
  load {
    rate = 100
  }
  vary "query" {
    values = ["stale=true", ""]
    note   = "stale: any server may answer; the default: only the leader, and there is none"
  }

  predict {
    ask     = "Two of three servers are gone, and a fourth replica starts. When does it get its first call?"
    options = ["at once: it registers with a living agent", "when a quorum is back", "never"]
    answer  = "when a quorum is back: its agent knows it, but nobody can write that down"
  }

  step "outage" {
    say = "SIGKILL for two servers."
    inject "consul-kill" {
      target = "server-majority"
    }
    wait = "3s"
  }
  step "grow" {
    say   = "One more replica. It listens, and tells its agent."
    scale = replicas + 1
    wait  = "4s"
  }
  step "restart" {
    say    = "The servers come back with what they had on disk."
    heal   = "outage"
    until  = balanced(replicas + 1)
    within = "25s"
    wait   = "500ms"
  }
  step "shrink" {
    scale  = replicas
    until  = listed(replicas)
    within = "10s"
    wait   = "500ms"
  }

  expect "there is no leader for as long as there is no quorum" {
    min  = outage.length - seconds(3)
    of   = outage.leaderless
    unit = "s"
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the list keeps everybody" {
    min  = replicas
    of   = min(outage.least, restart.least)
    unit = "replica"
  }
  expect "nobody calls the newcomer meanwhile" {
    max  = replicas
    of   = grow.used
    unit = "replica"
  }
  expect "it does listen" {
    within = seconds(3)
    of     = grow.listened
  }
  expect "a stale query finds the living server: it fails once for each dead one at most" {
    max = 2
    of  = outage.errors
  }
  expect "a leader, once a quorum is back" {
    within = seconds(2) + 2 * seconds(2) + slack
    of     = restart.elected
  }
  expect "the newcomer is learned after that" {
    within = seconds(3) + slack
    of     = max(restart.resolved - restart.elected, 0)
  }
}
