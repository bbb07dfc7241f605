scenario "dns-vs-watch" {
  title   = "A client that resolves by DNS learns late"
  tier    = 2
  teaches = ["DNS for service discovery", "push and pull", "ResolveNow"]
  docs    = "docs/scenarios/dns-vs-watch.md"

  lesson = <<-EOT
    DNS is asked, it does not tell. grpc's dns resolver asks when the channel starts and then
    only when a connection breaks, at most every 30 seconds: a newcomer gets no calls until
    another replica has trouble, and a restarted one is missing until then.
  EOT
  watch  = "Consul's catalog has four, the resolver's list three"

  topology {
    replicas = 3
    resolver = "dns"
  }
  load {
    rate = 100
  }
  steady {
    skip = true
  }
  vary "resolver" {
    values = ["dns", "devstack"]
    note   = "dns looks up SRV records of Consul's DNS by the rules of grpc's dns resolver"
  }

  predict {
    ask     = "A fourth replica joins, and the client resolves by DNS. When does it get calls?"
    options = ["at once", "when the record's TTL ends", "when some connection breaks, 30 s after the last look-up"]
    answer  = "when some connection breaks: until then nobody asks again"
  }

  step "grow" {
    say   = "One more replica."
    scale = replicas + 1
    wait  = "5s"
  }
  step "kill" {
    say = "SIGKILL for a replica: a broken connection makes grpc ask again, when 30 s have passed."
    inject "kill" {
      target = one
    }
    until  = ready(replicas - 1)
    within = "6s"
  }
  step "later" {
    until  = ready(replicas)
    within = "40s"
    wait   = "500ms"
  }

  expect "the catalog has the newcomer at once" {
    min  = replicas + 1
    of   = grow.passing
    unit = "replica"
  }
  expect "nobody calls it" {
    max  = replicas
    of   = grow.used
    unit = "replica"
  }
  expect "the broken connection brings it in, 30 s after the last look-up" {
    within = seconds(30) + slack
    of     = later.joined
  }
  expect "only RPCs fail that were in flight, or sent to the victim before the channel had noticed" {
    max  = kill.in_flight + 1 + rate / replicas * kill.t2
    of   = run.failed
    unit = "RPC"
  }
}
