scenario "stale-follower" {
  title   = "A Consul server is cut off, and goes on answering"
  tier    = 2
  teaches = ["stale reads", "bounded staleness", "what a follower knows"]
  docs    = "docs/scenarios/stale-follower.md"
  limit   = "90s"

  lesson = <<-EOT
    Any server may answer a stale query, also one that has lost its leader: it does not refuse,
    it goes on with what it knew last. Who asks such a server for long is wrong for as long. Only
    the age of an answer (LastContact) gives it away, and only to a client that looks at it.
  EOT
  watch  = "consul-1 hears from no leader, and what the resolver makes of its answers"

  topology {
    servers  = 3
    clients  = 1
    home     = "follower"
    links    = true
    replicas = 3
    query    = "max-stale=2s"
  }
  load {
    rate = 100
  }
  vary "query" {
    values = ["max-stale=2s", "stale=true"]
    note   = "max-stale: an answer older than this counts as none; stale: any answer counts, however old"
  }

  predict {
    ask     = "The server that the client asks loses its leader. Then a replica is added. When does the client call it?"
    options = ["at once: the server answers every query", "when the client finds the answers too old and asks another server", "when the server is back"]
    answer  = "when the client finds the answers too old; a client that accepts any age learns it when the server is back"
  }

  step "cut" {
    say = "The follower that the client asks is cut off from the other agents. Its HTTP port is not."
    inject "consul-partition" {
      target = "home"
    }
  }
  step "grow" {
    say    = "One more replica. The leader knows it at once."
    scale  = replicas + 1
    until  = passing(replicas + 1)
    within = "10s"
    wait   = "4s"
  }
  step "heal" {
    say    = "The follower is back, and catches up."
    heal   = "cut"
    until  = balanced(replicas + 1)
    within = "15s"
  }
  step "shrink" {
    scale  = replicas
    until  = listed(replicas)
    within = "10s"
    wait   = "500ms"
  }

  expect "the client leaves the server when its word is too old, and learns of the newcomer" {
    within = max(max_stale * 17 / 16 + ms(300), grow.length - seconds(4)) + slack
    of     = cut.resolved
  }
  expect "the cut-off server has not heard from a leader all that time" {
    min  = floor(cut.length) - 1
    of   = cut.silence
    unit = "s"
  }
  expect "it knows that it has none, once it has missed the heartbeats" {
    min  = cut.length - seconds(1) - seconds(2) - slack
    of   = cut.leaderless
    unit = "s"
  }
  expect "the others go on: the agent turns to another server, and the catalog has the newcomer" {
    within = seconds(7) / 16 + slack
    of     = grow.length - seconds(4) - grow.listened
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "nobody leaves the list meanwhile" {
    min  = replicas
    of   = min(cut.least, heal.least)
    unit = "replica"
  }
}
