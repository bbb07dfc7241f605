scenario "latency" {
  title   = "The network gets slow, in both directions"
  tier    = 2
  teaches = ["latency is not load", "round_robin does not look at the clock"]
  docs    = "docs/scenarios/latency.md"

  lesson = <<-EOT
    A slow network moves every call's latency by the same amount and moves nothing else:
    shares stay even, checks pass, no call fails while the deadline is far away. Nothing in
    round_robin, in the resolver or in Consul looks at how long an answer takes.
  EOT
  watch  = "the median moving up by two times the latency, and nothing else moving"

  topology {
    replicas = 3
    links    = true
  }
  load {
    rate     = 100
    deadline = "1s"
  }

  predict {
    ask     = "100 ms more in each direction, 20 ms of jitter, a deadline of a second. What fails?"
    options = ["nothing", "one call in ten", "the health checks"]
    answer  = "nothing: every call takes 200 ms longer, everywhere"
  }

  step "slow" {
    say = "100 ms (give or take 20) more for every byte, to every replica and back."
    inject "link-latency" {
      target  = all
      latency = "100ms"
      jitter  = "20ms"
    }
    wait = "4s"
  }
  step "mend" {
    heal = "slow"
    wait = "1s"
  }

  expect "half of the calls take two latencies longer, less the jitter" {
    min  = ms(160)
    of   = slow.p50
    unit = "s"
  }
  expect "and no more than that with the jitter" {
    within = ms(240) + slack
    of     = slow.p50
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the replicas share as evenly as ever" {
    max  = channels
    of   = slow.spread
    unit = "pick"
  }
  expect "Consul sees nothing" {
    min  = replicas
    of   = slow.passing
    unit = "replica"
  }
  expect "healed is healed" {
    within = slack
    of     = mend.p50
  }
}
