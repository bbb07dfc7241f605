scenario "snapshot-restore" {
  title   = "An old snapshot brings back a ghost"
  tier    = 2
  teaches = ["snapshots", "index discipline", "ghost entries"]
  docs    = "docs/scenarios/snapshot-restore.md"
  limit   = "90s"

  lesson = <<-EOT
    A restored snapshot is the past: a replica that has left since is in the catalog again, with
    an address where nobody listens, and the index has gone back. Every watcher waits for a
    higher index than there is, so none is told, until the next change or the end of its wait.
    The channel is not taken in by the ghost: it calls whom it is connected to.
  EOT
  watch  = "a third endpoint in the resolver's list, late, and its subchannel that never gets ready"

  topology {
    replicas = 3
    query    = "wait=3s"
  }
  load {
    rate = 100
  }
  vary "query" {
    values = ["wait=3s", "wait=1m"]
    note   = "longest blocking query; a minute is the default"
  }

  predict {
    ask     = "A snapshot from before a replica left is restored. How many calls go to the replica that is no more?"
    options = ["none", "a third", "a third, until the next health check"]
    answer  = "none: it is on the list, but nobody listens there, and only a connected replica is picked"
  }

  step "save" {
    say = "A snapshot, with three replicas in it."
    inject "consul-snapshot" {}
    wait = "200ms"
  }
  step "leave" {
    say = "A replica leaves in good order."
    inject "drain" {
      target = one
    }
    until  = settled(replicas - 1)
    within = "10s"
  }
  step "restore" {
    say = "The snapshot is restored."
    inject "consul-restore" {}
  }
  step "ghost" {
    say    = "The index has gone back. Who waits for a higher one waits until the wait is over."
    until  = listed(replicas)
    within = "10s"
    wait   = "2s"
  }
  step "change" {
    say = "Is the resolver still listening? Another replica leaves in good order."
    inject "drain" {
      target = "greeter-3"
    }
    until  = listed(replicas - 1)
    within = "10s"
  }
  step "return" {
    say    = "Both come back, on new ports. One of them replaces its own ghost."
    heal   = "change"
  }
  step "exorcise" {
    heal   = "leave"
    until  = balanced(replicas)
    within = "15s"
  }

  expect "the ghost is read when the wait is over, which Consul prolongs by a sixteenth" {
    within = seconds(3) * (1 + 1 / 16) + slack
    of     = ghost.resolved
  }
  expect "nobody calls it" {
    max  = replicas - 1
    of   = ghost.used
    unit = "replica"
  }
  expect "it stays on the list: its agent does not know it and checks nothing" {
    min  = replicas
    of   = ghost.listed
    unit = "replica"
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "the next change is visible at once, because the resolver has started its index over" {
    within = settle + slack
    of     = change.t5
  }
  expect "a restarted replica replaces its ghost" {
    min  = replicas
    of   = verify.ready
    unit = "replica"
  }
}
