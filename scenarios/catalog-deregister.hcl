scenario "catalog-deregister" {
  title   = "An entry vanishes from the catalog, and comes back by itself"
  tier    = 2
  teaches = ["the agent is the source of truth", "anti-entropy", "which API to deregister with"]
  docs    = "docs/scenarios/catalog-deregister.md"
  limit   = "200s"

  lesson = <<-EOT
    The catalog is a copy. What a node runs is known to its agent, which compares every minute
    or two and repairs the copy: an entry that is deleted from the catalog alone is back before
    long, and a ghost that was put there alone is gone. To take something away for good, tell its agent.
  EOT
  watch  = "the replica leave the list at once, and return without anybody's doing"

  topology {
    replicas = 3
  }
  load {
    rate = 50
  }

  predict {
    ask     = "A replica is deleted from the catalog. Nobody tells its agent. What happens?"
    options = ["it is gone until it restarts", "it is back at its next health check", "it is back within two minutes"]
    answer  = "back within two minutes: the agent compares with the catalog every one to two minutes; a check that does not change tells nobody"
  }

  step "settle" {
    say  = "First the agent's own first full comparison has to be over, or it would repair the entry at once."
    wait = "2s"
  }
  step "delete" {
    say = "Deleted from the catalog, not from the agent."
    inject "catalog-deregister" {
      target = one
    }
    until  = listed(replicas - 1)
    within = "5s"
    wait   = "2s"
  }
  step "repair" {
    say    = "The agent's checks go on, and pass, and change nothing. It takes a full comparison."
    until  = balanced(replicas)
    within = "125s"
  }

  expect "the resolver drops it at once" {
    within = slack
    of     = delete.t5
  }
  expect "the replica itself was never gone" {
    max = 0
    of  = run.exits
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "a health check does not bring it back" {
    min  = seconds(60) - seconds(10)
    of   = repair.joined
    unit = "s"
  }
  expect "anti-entropy does, within its minute and its stagger of another" {
    within = seconds(60) + seconds(60) + slack
    of     = repair.joined
  }
}
