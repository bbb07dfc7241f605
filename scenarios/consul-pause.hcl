scenario "consul-pause" {
  title   = "Consul hangs: it neither answers nor hangs up"
  tier    = 1
  teaches = ["half-dead servers", "deadlines on long polls"]
  docs    = "docs/scenarios/consul-pause.md"

  lesson = <<-EOT
    A stopped process keeps its connections open, so a blocking query neither returns nor
    fails. Only a deadline of the client's own ends it: the longest time Consul may hold the
    query, plus a time limit for an answer to travel.
  EOT
  watch  = "how long it takes until the resolver complains"

  topology {
    replicas = 3
    query    = "wait=1s&timeout=1s"
  }
  load {
    rate = 200
  }
  vary "query" {
    values = ["wait=1s&timeout=1s", "wait=60s&timeout=10s"]
    note   = "how long Consul may hold a query, and how long the answer may take beyond that"
  }

  predict {
    ask     = "Consul is stopped (SIGSTOP). When does the resolver notice?"
    options = ["at once: the connection breaks", "when its own deadline for the query passes", "never"]
    answer  = "when its own deadline passes: the kernel keeps the connection of a stopped process open"
  }

  step "pause" {
    say = "SIGSTOP for Consul: its sockets stay open, nobody is there."
    inject "consul-pause" {}
    wait = "3s"
  }
  step "resume" {
    heal = "pause"
    wait = "500ms"
  }
  step "change" {
    say = "Is the resolver listening again? A replica leaves in good order."
    inject "drain" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "10s"
  }
  step "return" {
    heal   = "change"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the resolver has a deadline, which passes" {
    min = 1
    of  = pause.errors
  }
  expect "the picker keeps everybody" {
    min  = replicas
    of   = min(pause.least, resume.least)
    unit = "replica"
  }
  expect "the resolver hears of the next change, at the latest when it asks again" {
    within = max(ms(200) + 1.2 * pause.length - resume.length, 0) + slack
    of     = change.t5
  }
}
