scenario "wan-partition" {
  title   = "The way between two datacenters is cut, and then one of them is needed"
  tier    = 3
  teaches = ["federation", "what a watch remembers", "the registry is not on the data path"]
  docs    = "docs/scenarios/wan-partition.md"
  limit   = "120s"

  lesson = <<-EOT
    A question about another datacenter is forwarded to its servers. Cut that way, and the
    question fails; what was answered before is still known. A client that watched both lists
    fails over to the one it remembers, over a network that was never cut for it. Consul itself
    remembers nothing: a prepared query that has to ask the other datacenter finds nobody.
  EOT
  watch  = "the resolver's errors about dc2, and calls that go there"

  topology {
    datacenters = 2
    links       = true
    replicas    = 2
    query       = "dc=dc1,dc2&max-backoff=1s"
  }
  load {
    rate = 100
  }
  vary "query" {
    values = ["dc=dc1,dc2&max-backoff=1s", "query=greeter&poll=1s"]
    note   = "the client's own list, of which it watches both parts; a prepared query, answered by dc1's server"
  }

  predict {
    ask     = "The datacenters cannot ask each other any more. Then both replicas of dc1 die. Who takes the calls?"
    options = ["nobody: dc2 cannot be found", "dc2, by the list from before the cut", "nobody until the cut is healed"]
    answer  = "dc2, if the client had watched its list before; nobody, if it relied on Consul to ask"
  }

  step "cut" {
    say = "Consul's servers of dc1 and dc2 are cut off from each other. Clients and replicas are not."
    inject "consul-partition" {
      target = "dc2"
      path   = "wan"
    }
  }
  step "quiet" {
    wait = "2s"
  }
  step "kill" {
    say = "Now both replicas of dc1 die."
    inject "kill" {
      target = ["greeter-1", "greeter-2"]
    }
    until  = balanced(replicas)
    within = "10s"
  }
  step "loss" {
    say = "And one of dc2: its connection breaks, the list keeps it."
    inject "kill" {
      target = "greeter-3"
    }
  }
  step "stay" {
    wait = "3s"
  }
  step "mend" {
    say    = "The way is open again."
    heal   = "cut"
    until  = listed(replicas - 1)
    within = "15s"
    wait   = "500ms"
  }
  step "back" {
    heal   = "loss"
    until  = balanced(replicas)
    within = "10s"
  }
  step "home" {
    say    = "dc1's replicas are back, and its list is preferred."
    heal   = "kill"
    until  = listed(replicas)
    within = "10s"
    wait   = "1s"
  }

  expect "nobody notices the cut by itself: the local list is whole" {
    min  = replicas
    of   = min(quiet.least, quiet.listed)
    unit = "replica"
  }
  expect "and no call fails" {
    max  = 0
    of   = quiet.failed
    unit = "RPC"
  }
  expect "dc1's deaths are known in one round of checks, and the remembered list of dc2 counts" {
    within = interval + 2 * slack
    of     = kill.t5
  }
  expect "calls fail for that round, and those on their way to the third replica" {
    max  = ceil(rate * (interval + 2 * slack)) + loss.in_flight + 1 + floor(rate / replicas * loss.t2)
    of   = kill.failed
    unit = "RPC"
  }
  expect "what cannot be asked is told" {
    min  = 1
    of   = kill.errors
    unit = "error"
  }
  expect "the list of dc2 is as it was: it keeps the dead" {
    min  = replicas
    of   = stay.listed
    unit = "replica"
  }
  expect "the channel finds the dead by itself" {
    within = slack
    of     = loss.t2
  }
  expect "dc2 goes on answering: only what was on its way to the dead fails" {
    max  = loss.in_flight + 1 + floor(rate / replicas * loss.t2)
    of   = stay.failed
    unit = "RPC"
  }
  expect "with the way open again, the list is new after the resolver's longest pause" {
    within = seconds(1) + 2 * slack
    of     = mend.length - ms(500)
  }
  expect "home is used again" {
    within = interval + 2 * slack
    of     = home.joined
  }
}
