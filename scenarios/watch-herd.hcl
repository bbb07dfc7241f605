scenario "watch-herd" {
  title   = "250 channels watch one service, and it changes"
  tier    = 2
  teaches = ["blocking queries hold connections", "http_max_conns_per_client", "one watch for many channels"]
  docs    = "docs/scenarios/watch-herd.md"

  lesson = <<-EOT
    A watch is a blocking query, and a blocking query is a connection that is open all the
    time. A program with 250 channels needs one of them if its channels share a watch, and
    250 if each has its own. A Consul agent takes 200 from one address by default; the
    others are turned away, come back later, and are turned away again.
  EOT
  watch  = "how many of the herd have the news, and how many connections that takes"

  topology {
    replicas       = 3
    herd           = 250
    herd_watch     = "shared"
    http_max_conns = 200
  }
  load {
    rate = 60
  }
  vary "herd_watch" {
    values = ["shared", "own"]
    note   = "own is a resolver builder for each channel"
  }

  predict {
    ask     = "250 channels watch one service on one agent, each with a watch of its own. How many hear of a change?"
    options = ["all", "200", "none: the agent is overloaded"]
    answer  = "200: Consul takes no more connections from one address, and each watch holds one"
  }

  step "change" {
    say = "One replica goes into maintenance: the list gets shorter. Who hears of it?"
    inject "maintenance" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "5s"
    wait   = "2s"
  }
  step "back" {
    say    = "And back."
    heal   = "change"
    until  = balanced(replicas)
    within = "5s"
    wait   = "2s"
  }

  expect "channels that can watch hear of the change" {
    min  = own_watches == 1 ? min(herd, http_max_conns) : herd
    of   = change.herd.reached
    unit = "channel"
  }
  expect "they hear of it when the catalog moves" {
    within = change.t4 + slack
    of     = change.herd.last
  }
  expect "all at once" {
    within = slack
    of     = change.herd.spread
  }
  expect "and of the way back" {
    min  = own_watches == 1 ? min(herd, http_max_conns) : herd
    of   = back.herd.reached
    unit = "channel"
  }
  expect "that takes one connection when they share, and up to one each when not" {
    max  = own_watches == 1 ? herd : 1
    of   = max(change.herd.conns, back.herd.conns)
    unit = "connection"
  }
  expect "the channels beyond the agent's limit hear nothing" {
    max  = own_watches == 1 ? max(herd - http_max_conns, 0) : 0
    of   = change.herd.missed
    unit = "channel"
  }
  expect "they are turned away again after their first time" {
    min  = own_watches == 1 ? max(herd - http_max_conns, 0) : 0
    of   = run.herd.refused
    unit = "query"
  }
  expect "with a shared watch nobody is" {
    always = own_watches == 1 || run.herd.refused == 0
  }
  expect "no RPC of the client fails: it has a watch" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
}
