scenario "acl-revoked" {
  title   = "The resolver may not read any more"
  tier    = 2
  teaches = ["ACLs", "403", "an empty list that is no answer"]
  docs    = "docs/scenarios/acl-revoked.md"
  limit   = "90s"

  lesson = <<-EOT
    Consul says no in two ways. A token that it does not know is refused, with status 403. A
    token that may not read is not refused: the answer is 200 and a list without what the token may
    not see, so an empty one. Who takes that for "no replicas" has just had an outage by policy.
  EOT
  watch  = "the resolver's errors, and a picker that does not care"

  topology {
    acl      = true
    replicas = 3
    query    = "wait=2s&max-backoff=2s"
  }
  load {
    rate = 100
  }

  vary "clients" {
    values = ["0", "1"]
    note   = "the client asks a server, or a client agent, which hands the token on: no difference"
  }

  predict {
    ask     = "The resolver's token loses service:read. What does Consul answer, and what becomes of the calls?"
    options = ["403, and they go on", "200 and an empty list, and they go on", "200 and an empty list, and all fail"]
    answer  = "200 and an empty list; they go on if the resolver asks why it is empty before it believes it"
  }

  step "refused" {
    say = "The resolver's token is deleted: Consul does not know it any more."
    inject "consul-revoke" {
      part = "resolver"
      lose = "token"
    }
  }
  step "grow" {
    say    = "One more replica. Consul knows it, the resolver may not ask."
    scale  = replicas + 1
    until  = passing(replicas + 1)
    within = "10s"
    wait   = "2s"
  }
  step "pardon" {
    say    = "The same token is back."
    heal   = "refused"
    until  = balanced(replicas + 1)
    within = "10s"
  }
  step "blinded" {
    say = "The token stays, its policy grants nothing: no service:read, no node:read."
    inject "consul-revoke" {
      part = "resolver"
      lose = "rules"
    }
    wait = "3s"
  }
  step "shrink" {
    say   = "The youngest replica leaves in order. The resolver's list keeps it."
    scale = replicas
    wait  = "500ms"
  }
  step "sight" {
    say    = "The policy has its rules again."
    heal   = "blinded"
    until  = listed(replicas)
    within = "10s"
    wait   = "500ms"
  }

  expect "a deleted token: Consul ends the watch, and the next question is refused" {
    within = slack
    of     = refused.errored
  }
  expect "nobody learns of the newcomer without rights" {
    max  = replicas
    of   = grow.listed
    unit = "replica"
  }
  expect "it is learned after the longest pause of a refused resolver" {
    within = seconds(2) + slack
    of     = pardon.resolved
  }
  expect "a policy without rules: the next answer is empty, and the resolver finds out why" {
    within = seconds(2) * 17 / 16 + slack
    of     = blinded.errored
  }
  expect "an empty list that ACLs have made replaces none" {
    min  = replicas + 1
    of   = shrink.listed
    unit = "replica"
  }
  expect "with its rights the resolver reads again" {
    within = seconds(2) * 17 / 16 + seconds(2) + slack
    of     = sight.length - ms(500)
  }
  expect "the living stay in the picker" {
    min  = replicas
    of   = run.least
    unit = "replica"
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
}
