scenario "overload" {
  title   = "Twice as many calls as the replicas can answer"
  tier    = 2
  teaches = ["overload", "a bounded queue", "RESOURCE_EXHAUSTED", "goodput"]
  docs    = "docs/scenarios/overload.md"

  lesson = <<-EOT
    A gRPC server starts a handler for every call and so has a queue without an end. When more
    comes than it can do, the queue grows until each call in it has waited nearly as long as its
    caller does; then the server works only on calls that are about to be given up. A bounded
    queue says no at once to what does not fit, and the rest is answered as if nothing were.
  EOT
  watch  = "answers per second: a flat top, or a fall to nothing"

  topology {
    replicas     = 3
    handlers     = 5
    service_time = "50ms"
    queue        = 5
  }
  load {
    rate     = 60 # a fifth of what the replicas can do: a machine that stands still for a moment does not fill a queue
    deadline = "500ms"
  }
  vary "queue" {
    values = ["5", "0"]
    note   = "five may wait for a handler, or all (grpc's default)"
  }

  predict {
    ask     = "The replicas can do 300 calls a second, and 600 come. Every call may wait for its turn. How many are answered in time?"
    options = ["300 a second", "150 a second", "nearly none"]
    answer  = "nearly none: each is so old at its turn that its caller gives up before the work is done"
  }

  step "rise" {
    say  = "Twice what the replicas can do together."
    rate = 2 * replicas * handlers / service_time
    wait = "1500ms"
  }
  step "overload" {
    say  = "Whatever queue there is has filled by now."
    wait = "4s"
  }
  step "fall" {
    say  = "A fifth of what they can do, as before."
    rate = replicas * handlers / service_time / 5
    wait = "1s"
  }
  step "after" {
    wait = "2s"
  }

  expect "answers come at nine tenths of what the replicas can do" {
    min  = 0.9 * replicas * handlers / service_time
    of   = (overload.total - overload.failed) / overload.length
    unit = "RPC/s"
  }
  expect "an answer waits for a full queue at most" {
    max  = service_time * (1 + queue / handlers) + slack
    of   = overload.p99
    unit = "s"
  }
  expect "what does not fit is told at once" {
    max  = slack
    of   = overload.slowest_failure
    unit = "s"
  }
  expect "nobody waits for nothing" {
    max  = 0
    of   = overload.DEADLINE_EXCEEDED
    unit = "RPC"
  }
  expect "afterwards nothing fails" {
    max  = 0
    of   = after.failed
    unit = "RPC"
  }
}
