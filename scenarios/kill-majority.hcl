scenario "kill-majority" {
  title   = "Most replicas die at once"
  tier    = 1
  teaches = ["capacity after a failure", "connectivity detection"]
  docs    = "docs/scenarios/kill-majority.md"

  lesson = <<-EOT
    The channel does not care how many replicas die: each closed socket takes one out of the
    picker, and what is left carries everything. Whether it can carry everything is a
    question of capacity, which no load balancer answers.
  EOT
  watch  = "the survivor's share: it jumps to 100 %, and its latency tells whether that is too much"

  topology {
    replicas = 3
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate     = 200
    deadline = "1s"
  }

  predict {
    ask     = "Two of three replicas are killed under 200 RPC/s. How many RPCs fail?"
    options = ["two thirds of them, until Consul notices", "the few that were in flight", "all, because there is no majority"]
    answer  = "the few that were in flight: the channel needs no majority and no Consul"
  }

  step "kill" {
    say = "SIGKILL more than half of the replicas."
    inject "kill" {
      target = majority
    }
    until  = listed(replicas - ceil((replicas + 1) / 2))
    within = "6s"
  }
  step "look" {
    say  = "${victims} are dead. What is left takes it all."
    wait = "1s"
  }
  step "restart" {
    heal   = "kill"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "only RPCs that were with a victim fail" {
    max  = kill.in_flight + kill.victims + floor(rate * kill.victims / replicas * kill.t6)
    of   = kill.failed
    unit = "RPC"
  }
  expect "the channel sends nothing more to the victims" {
    within = slack / 2
    of     = kill.t6
  }
  expect "Consul and the resolver notice all of them" {
    within = failures * interval + slack
    of     = kill.t5
  }
  expect "the survivors answer everything" {
    max  = 0
    of   = look.failed
    unit = "RPC"
  }
  expect "the survivors share what there is" {
    max = 1 / (replicas - kill.victims) + channels / look.total
    of  = look.largest_share
  }
  expect "the survivors are fast enough for the deadline" {
    within = deadline
    of     = look.p99
  }
}
