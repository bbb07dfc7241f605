scenario "flapping" {
  title   = "A replica that is well and ill in turn"
  tier    = 1
  teaches = ["hysteresis", "failures_before_critical"]
  docs    = "docs/scenarios/flapping.md"

  lesson = <<-EOT
    Without thresholds each turn of the replica's health becomes a new list for every
    client. With failures_before_critical = 3, three bad checks in a row are needed, and
    the list stands still. The price: a real death takes three intervals to be seen.
  EOT
  watch  = "the list of the resolver: it strobes or it stands still"

  topology {
    replicas = 3
    check    = "grpc"
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate = 200
  }
  vary "failures_before_critical" {
    values = ["1", "3"]
    note   = "bad checks in a row before Consul believes them"
  }

  predict {
    ask     = "Health turns every 1.5 s, checks run every second. What does the client see?"
    options = ["nothing: Consul smooths it", "a new list at every turn", "failing calls"]
    answer  = "a new list at every turn: Consul believes each check by default"
  }

  step "flap" {
    say = "NOT_SERVING for 1.5 s, SERVING for 1.5 s, and so on; every call is answered."
    inject "flap" {
      target = one
      every  = "1500ms"
    }
    wait = "7500ms"
  }
  step "calm" {
    heal   = "flap"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "every turn becomes a new list, unless one bad check is not enough" {
    min  = failures > 1 ? 0 : floor(flap.length / ms(1500)) - 1
    of   = flap.updates
    unit = "update"
  }
  expect "and no turn does, when so many bad checks do not fit into it" {
    max  = (failures - 1) * interval > ms(1500) ? 0 : ceil(flap.length / ms(1500))
    of   = flap.updates
    unit = "update"
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
}
