scenario "slow-replica" {
  title   = "One replica is slow, and policies differ in what they make of it"
  tier    = 2
  teaches = ["round_robin", "least_request", "a slow replica is worse than a dead one"]
  docs    = "docs/scenarios/slow-replica.md"

  lesson = <<-EOT
    round_robin counts calls, not answers: a replica that is thirty times slower gets its
    full share, and every third caller waits for it. least_request compares how many calls
    are in flight and so sees slowness as load: the slow replica gets what it can carry.
  EOT
  watch  = "the victim's share, under one policy and the other"

  topology {
    replicas = 3
  }
  load {
    rate   = 200
    policy = "round_robin"
  }
  vary "policy" {
    values = ["round_robin", "least_request"]
    note   = "what the picker compares"
  }

  predict {
    ask     = "One of three replicas answers 300 ms late. What share of the calls does it get under round_robin?"
    options = ["a third", "a tenth", "none"]
    answer  = "a third: round_robin counts calls, not answers"
  }

  step "slow" {
    say = "One replica now waits 300 ms before it handles a greeting."
    inject "slow" {
      target  = one
      latency = "300ms"
    }
    wait = "5s"
  }
  step "mend" {
    heal = "slow"
    wait = "1s"
  }

  expect "the victim's share is a third under round_robin, and what is in flight decides under least_request" {
    max = load_aware * 0.8 / replicas + (1 - load_aware) * (1 / replicas + 0.01)
    of  = slow.victim_share
  }
  expect "and no less" {
    min = (1 - load_aware) * (1 / replicas - 0.01)
    of  = slow.victim_share
  }
  expect "the slowest hundredth waits for the slow replica" {
    min  = ms(295)
    of   = slow.p99
    unit = "s"
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
}
