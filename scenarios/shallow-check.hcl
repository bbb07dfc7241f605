scenario "shallow-check" {
  title   = "Green check, red calls"
  tier    = 1
  teaches = ["what a check should test", "deadlines"]
  docs    = "docs/scenarios/shallow-check.md"

  lesson = <<-EOT
    The handler hangs, the health service of the same process still says SERVING. Consul
    asks the health service, so it never takes the replica out, and its share of all calls
    ends at the deadline for as long as the hang lasts. A check tests what it calls.
  EOT
  watch  = "the check column stays green while every third call fails"

  topology {
    replicas = 3
    check    = "grpc"
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate     = 200
    deadline = "1s"
  }

  predict {
    ask     = "How long does Consul need to find a replica whose handler hangs?"
    options = ["an interval", "an interval and a timeout", "it never finds it"]
    answer  = "it never finds it: the check asks somebody else in the same process"
  }

  step "hang" {
    say = "Greetings hang. The health service does not."
    inject "deadlock" {
      target = one
    }
    wait = "4s"
  }
  step "free" {
    say    = "New greetings are answered; those that hang end at their deadlines."
    heal   = "hang"
    until  = settled(replicas)
    within = "6s"
  }

  expect "the check never notices" {
    always = hang.noticed.greeter-2 == null
  }
  expect "the replica stays in the list" {
    min = replicas
    of  = hang.listed
  }
  expect "its share of the calls fails all the time" {
    min  = floor(rate / replicas * (hang.length - deadline - slack))
    of   = hang.DEADLINE_EXCEEDED
    unit = "RPC"
  }
  expect "and no more than its share" {
    max  = ceil(rate / replicas * hang.length) + hang.in_flight
    of   = hang.failed
    unit = "RPC"
  }
  expect "calls on the other replicas are not touched" {
    max  = 0
    of   = hang.failed_elsewhere
    unit = "RPC"
  }
}
