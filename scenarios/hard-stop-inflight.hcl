scenario "hard-stop-inflight" {
  title   = "A replica stops in the middle of its work"
  tier    = 1
  teaches = ["drain", "calls in flight", "Stop and GracefulStop"]
  docs    = "docs/scenarios/hard-stop-inflight.md"

  lesson = <<-EOT
    Stop closes the connections, and every call on them ends UNAVAILABLE, however close to
    its answer. GracefulStop sends GOAWAY, lets the calls end and then leaves. What a stop
    costs is the number of calls in flight: the rate times the time that one call takes.
  EOT
  watch  = "calls in flight on the victim at SIGTERM, and how many of them fail"

  topology {
    replicas = 3
    stop     = "hard"
    drain    = "5s"
  }
  load {
    rate     = 60
    deadline = "2s"
  }
  vary "stop" {
    values = ["hard", "graceful"]
    note   = "the order in which a replica ends"
  }

  predict {
    ask     = "Greetings take 400 ms, 20 a second go to the victim. How many fail at a hard stop?"
    options = ["none", "about 8", "about 20"]
    answer  = "about 8: the rate of the victim times 400 ms are in flight"
  }

  step "slow" {
    say = "Every greeting takes 400 ms now."
    inject "slow" {
      target  = all
      latency = "400ms"
    }
    wait = "1s"
  }
  step "stop" {
    say = "SIGTERM, and the replica calls Stop, not GracefulStop."
    inject "drain" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "6s"
  }
  step "look" {
    wait = "1s"
  }
  step "restart" {
    heal = "stop"
  }
  step "hurry" {
    heal   = "slow"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "calls were in flight on the victim" {
    min  = 1
    of   = stop.in_flight
    unit = "RPC"
  }
  expect "a hard stop cuts all of them" {
    min  = stop.in_flight - ceil(rate / replicas * ms(50))
    of   = stop.failed
    unit = "RPC"
  }
  expect "and nothing else" {
    max  = stop.in_flight + ceil(rate / replicas * ms(50))
    of   = stop.failed
    unit = "RPC"
  }
  expect "the other replicas' calls are not touched" {
    max  = 0
    of   = stop.failed_elsewhere
    unit = "RPC"
  }
  expect "they end UNAVAILABLE, which says nothing about whether the work was done" {
    min  = stop.failed
    of   = stop.UNAVAILABLE
    unit = "RPC"
  }
}
