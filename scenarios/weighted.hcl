scenario "weighted" {
  title   = "Replicas of different sizes get different shares"
  tier    = 2
  teaches = ["weights in Consul", "a policy of one's own"]
  docs    = "docs/scenarios/weighted.md"

  lesson = <<-EOT
    Consul keeps a weight for each instance. round_robin does not look at it; a policy that
    does gives each replica its share of any few calls in a row, and when one dies the others
    share by their own weights.
  EOT
  watch  = "shares of one, two and four sevenths, and of one and four fifths while the second is dead"

  topology {
    replicas = 3
    weights  = "1,2,4"
  }
  load {
    rate   = 140
    policy = "weighted"
  }
  vary "policy" {
    values = ["weighted", "round_robin"]
    note   = "round_robin knows no weights"
  }
  steady {
    for = "2s"
  }

  predict {
    ask     = "Weights 1, 2 and 4, and the replica of weight 2 dies. What share does the one of weight 4 get?"
    options = ["four sevenths, as before", "four fifths", "a half"]
    answer  = "four fifths: the others share by their own weights"
  }

  step "look" {
    wait = "3s"
  }
  step "kill" {
    say = "SIGKILL for the replica of weight 2."
    inject "kill" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "8s"
  }
  step "rest" {
    wait = "3s"
  }
  step "restart" {
    heal   = "kill"
    until  = ready(replicas)
    within = "8s"
  }

  expect "the heaviest gets four sevenths, give or take a round" {
    min = 4 / 7 - 7 / look.total
    of  = look.share["greeter-3"]
  }
  expect "and no more" {
    max = 4 / 7 + 7 / look.total
    of  = look.share["greeter-3"]
  }
  expect "the lightest gets one seventh" {
    max = 1 / 7 + 7 / look.total
    of  = look.share["greeter-1"]
  }
  expect "without the second, the heaviest gets four fifths" {
    min = 4 / 5 - 5 / rest.total
    of  = rest.share["greeter-3"]
  }
  expect "only calls in flight fail, or sent before the channel knew" {
    max  = kill.in_flight + 1 + ceil(rate * 2 / 7 * kill.t2)
    of   = run.failed
    unit = "RPC"
  }
}
