scenario "outage-plus-scale" {
  title   = "A replica joins while Consul is away"
  tier    = 1
  teaches = ["what an outage of the registry costs", "backoff"]
  docs    = "docs/scenarios/outage-plus-scale.md"

  lesson = <<-EOT
    Without Consul everything goes on as it was, which is all that it can do: a newcomer is
    up, healthy and unknown. It keeps trying to register, and the resolver keeps asking, each
    with pauses that grow; they meet soon after Consul is back.
  EOT
  watch  = "the newcomer listens, and nobody calls"

  topology {
    replicas = 3
    query    = "empty=hold"
  }
  load {
    rate = 200
  }

  predict {
    ask     = "A fourth replica starts while Consul is away. When does it get its first call?"
    options = ["when it listens", "soon after Consul is back", "never: it could not register"]
    answer  = "soon after Consul is back: it goes on trying to register"
  }

  step "outage" {
    say = "SIGKILL for Consul."
    inject "consul-kill" {}
    wait = "500ms"
  }
  step "grow" {
    say   = "One more replica."
    scale = replicas + 1
    wait  = "1500ms"
  }
  step "restart" {
    heal = "outage"
  }
  step "recover" {
    until  = balanced(replicas + 1)
    within = "10s"
    wait   = "1s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "nobody calls the newcomer during the outage" {
    max  = replicas
    of   = grow.used
    unit = "replica"
  }
  expect "it joins when the resolver next asks" {
    within = ms(200) + 1.2 * outage.length + slack
    of     = recover.joined
  }
  expect "all share exactly evenly" {
    max  = channels
    of   = recover.spread
    unit = "pick"
  }
}
