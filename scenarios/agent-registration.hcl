scenario "agent-registration" {
  title   = "Somebody else registers the replicas"
  tier    = 1
  teaches = ["self-registration", "third-party registration", "who repairs an entry"]
  docs    = "docs/scenarios/agent-registration.md"

  lesson = <<-EOT
    A registrar keeps the replica's code free of Consul: it starts a process and registers
    it. But it did its work once. When Consul loses an entry the replica does not know, and
    the registrar does not look: a healthy process stays unlisted until somebody deploys again.
  EOT
  watch  = "after the restart of Consul: with --set register=self the catalog fills again"

  topology {
    replicas = 3
    register = "agent"
    query    = "empty=hold"
  }
  load {
    rate = 200
  }
  vary "register" {
    values = ["agent", "self"]
    note   = "who registers: a registrar, once; or the replica, again and again"
  }

  predict {
    ask     = "A registrar has registered three replicas. Consul restarts with an empty catalog. How many are listed ten seconds later?"
    options = ["three: Consul finds them", "three: they register again", "none"]
    answer  = "none: the replicas know nothing of Consul, and the registrar has done its work"
  }

  step "lose" {
    say = "One entry gets lost: deregistered behind everybody's back."
    inject "deregister" {
      target = one
    }
    wait = "1s"
  }
  step "notice" {
    say  = "${victims} is healthy. Is it listed?"
    wait = "500ms"
  }
  step "repair" {
    heal   = "lose"
    until  = balanced(replicas)
    within = "6s"
  }
  step "outage" {
    say = "Consul dies, and comes back with an empty catalog."
    inject "consul-kill" {}
    wait = "500ms"
  }
  step "restart" {
    heal = "outage"
    wait = "3s"
  }
  step "deploy" {
    say = "Somebody deploys again: a rolling restart."
    inject "restart" {
      target = all
    }
    until  = balanced(replicas)
    within = "10s"
  }

  expect "a lost entry comes back only if the replica itself looks after it" {
    max  = replicas - 1 + self_registration
    of   = notice.registered
    unit = "replica"
  }
  expect "an empty catalog fills only if the replicas look after their entries" {
    max  = self_registration * replicas
    of   = restart.registered
    unit = "replica"
  }
  expect "and then it does" {
    min  = self_registration * replicas
    of   = restart.registered
    unit = "replica"
  }
  expect "no RPC fails: the resolver distrusts an answer that names nobody" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "a deployment repairs it" {
    min  = replicas
    of   = verify.passing
    unit = "replica"
  }
}
