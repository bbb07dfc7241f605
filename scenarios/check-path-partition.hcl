scenario "check-path-partition" {
  title   = "Only Consul cannot reach a replica"
  tier    = 2
  teaches = ["false positives", "a check sees its own way to the replica"]
  docs    = "docs/scenarios/check-path-partition.md"

  lesson = <<-EOT
    A health check says whether the checker can reach the replica. When only that way is
    cut, a replica that serves every client well is taken out of rotation: no call fails,
    and a third of the capacity is gone for nothing.
  EOT
  watch  = "a healthy replica leaving the ladder's right half while its process and its calls were fine"

  topology {
    replicas = 3
    links    = true
    interval = "1s"
    timeout  = "500ms"
  }
  load {
    rate = 100
  }

  predict {
    ask     = "Consul cannot reach one replica, every client can. How many calls fail?"
    options = ["none", "those in flight", "a third until it is healed"]
    answer  = "none: but the others do its work for nothing"
  }

  step "cut" {
    say = "The way from Consul's check to one replica is cut. Clients have another."
    inject "link-blackhole" {
      target = one
      path   = "check"
    }
    until  = listed(replicas - 1)
    within = "8s"
  }
  step "look" {
    until  = balanced(replicas - 1)
    within = "5s"
    wait   = "1s"
  }
  step "mend" {
    heal   = "cut"
    until  = balanced(replicas)
    within = "8s"
  }

  expect "the check gives up after an interval and its timeout" {
    within = failures * (interval + timeout) + slack
    of     = cut.t3
  }
  expect "the resolver believes it at once" {
    within = cut.t3 + slack
    of     = cut.t5
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the capacity of a healthy replica is lost" {
    max  = replicas - 1
    of   = look.used
    unit = "replica"
  }
  expect "the replica is back one check after the heal" {
    within = successes * (interval + timeout) + slack
    of     = mend.joined
  }
}
