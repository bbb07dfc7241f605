scenario "leader-transfer" {
  title   = "The leader hands its office over"
  tier    = 2
  teaches = ["Raft", "planned and unplanned change", "how to maintain a server"]
  docs    = "docs/scenarios/leader-transfer.md"

  lesson = <<-EOT
    A leader that is to be stopped can say so: it brings one follower up to date and tells it
    to stand for election at once. Nobody waits for a heartbeat that does not come, so the
    catalog is without a leader for milliseconds, not seconds.
  EOT
  watch  = "the leader's star: it moves, and nothing else does"

  topology {
    servers  = 3
    clients  = 1
    replicas = 3
  }
  load {
    rate = 100
  }

  predict {
    ask     = "A dead leader was replaced after one to four seconds. How long does it take when the leader asks for it?"
    options = ["as long", "half of it", "no time that a health check would see"]
    answer  = "hardly any: a follower need not wait for missing heartbeats"
  }

  step "transfer" {
    say = "The leader hands over."
    inject "consul-leader-transfer" {
      target = "leader"
    }
    wait = "1s"
  }
  step "change" {
    say = "Is the new leader taking orders? A replica leaves in good order."
    inject "drain" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "10s"
  }
  step "return" {
    heal   = "change"
    until  = balanced(replicas)
    within = "10s"
  }

  expect "another server leads before a missed heartbeat would have been noticed" {
    within = min(seconds(1), ms(200) + 3 * slack)
    of     = transfer.elected
  }
  expect "there is one election" {
    max = 1
    of  = run.elections
  }
  expect "it was one" {
    min = 1
    of  = transfer.elections
  }
  expect "nobody sees a Consul without a leader for longer" {
    within = min(seconds(1), ms(200) + 3 * slack)
    of     = run.leaderless
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the list keeps everybody" {
    min  = replicas
    of   = transfer.listed
    unit = "replica"
  }
  expect "a replica that leaves is off the list soon" {
    within = settle + ms(200) + slack
    of     = change.t5
  }
}
