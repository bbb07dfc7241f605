scenario "consul-kill" {
  title   = "Consul dies and comes back with an empty catalog"
  tier    = 1
  teaches = ["the registry is not on the data path", "self-registration is a loop", "index regression"]
  docs    = "docs/scenarios/consul-kill.md"

  lesson = <<-EOT
    Calls go from client to replica and never through Consul, so nobody notices while it is
    gone. A Consul that comes back has forgotten everything and counts its index from the
    beginning: a resolver that believes the empty answer turns a restart into an outage (empty=clear).
  EOT
  watch  = "the resolver's errors, while not a single call fails"

  topology {
    replicas = 3
    query    = "empty=hold"
  }
  load {
    rate = 200
  }
  vary "resolver" {
    values = ["devstack", "naive"]
    note   = "naive is the tutorial's resolver, which forgets to expect an error"
  }

  predict {
    ask     = "Consul is down for two seconds and forgets every replica. How many calls fail?"
    options = ["none", "those of the two seconds", "all until somebody restarts the replicas"]
    answer  = "none: the channel keeps its connections and the resolver its last list"
  }

  step "outage" {
    say = "SIGKILL for Consul."
    inject "consul-kill" {}
    wait = "2s"
  }
  step "restart" {
    say  = "The same Consul again, with an empty memory. The replicas find out that nobody knows them."
    heal = "outage"
  }
  step "recover" {
    until  = passing(replicas)
    within = "6s"
    wait   = "2s"
  }
  step "change" {
    say = "Is the resolver listening again? A replica leaves in good order."
    inject "drain" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "10s"
  }
  step "return" {
    heal   = "change"
    until  = balanced(replicas)
    within = "6s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the picker keeps everybody while Consul is away" {
    min  = replicas
    of   = outage.least
    unit = "replica"
  }
  expect "an empty catalog never empties the picker" {
    min  = 1
    of   = min(restart.least, recover.least)
    unit = "replica"
  }
  expect "the resolver says that it cannot ask" {
    min = 1
    of  = outage.errors
  }
  expect "every replica registers again" {
    min  = replicas
    of   = recover.passing
    unit = "replica"
  }
  expect "the resolver hears of the next change, at the latest when it asks again" {
    within = max(ms(200) + 1.2 * outage.length - recover.length, 0) + slack
    of     = change.t5
  }
}
