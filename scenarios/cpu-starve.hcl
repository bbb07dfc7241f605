scenario "cpu-starve" {
  title   = "A replica has the processor for a fifth of the time"
  tier    = 2
  teaches = ["brownout", "what a check's timeout forgives", "least_request"]
  docs    = "docs/scenarios/cpu-starve.md"

  lesson = <<-EOT
    A starved process stutters: SIGSTOP and SIGCONT give it 20 ms of every 100. No check
    with a timeout of half a second will ever notice. Callers do: their slowest calls wait for
    the next 20 ms.
  EOT
  watch  = "the 99th percentile going up to a stopped phase's length, and a green ladder"

  topology {
    replicas = 3
    timeout  = "500ms"
  }
  load {
    rate   = 200
    policy = "round_robin"
  }
  vary "policy" {
    values = ["round_robin", "least_request"]
    note   = "least_request sees that the starved one has more in flight"
  }

  predict {
    ask     = "A replica runs for 20 ms of every 100. Does its check, with a timeout of 500 ms, fail?"
    options = ["yes", "sometimes", "no"]
    answer  = "no: any answer within 500 ms is as good as one at once"
  }

  step "starve" {
    say = "One replica is stopped for 80 ms of every 100."
    inject "starve" {
      target = one
      every  = "100ms"
      share  = 0.8
    }
    wait = "5s"
  }
  step "mend" {
    heal = "starve"
    wait = "1s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the slowest calls wait for a stopped phase" {
    min  = ms(60)
    of   = starve.p99
    unit = "s"
  }
  expect "and for not much more than one" {
    within = ms(80) + slack
    of     = starve.p99
  }
  expect "the check sees nothing" {
    always = starve.entry == "passing"
  }
  expect "round_robin gives it its third; least_request less" {
    max = load_aware == 1 ? 0.8 / replicas : 1 / replicas + 0.01
    of  = starve.victim_share
  }
}
