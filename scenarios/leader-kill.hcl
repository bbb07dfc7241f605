scenario "leader-kill" {
  title   = "The leader of three Consul servers dies"
  tier    = 2
  teaches = ["Raft", "the registry is not on the data path", "what an election stops"]
  docs    = "docs/scenarios/leader-kill.md"
  limit   = "90s"

  lesson = <<-EOT
    The catalog needs a leader: while the servers elect one nothing can be written to it and a
    query that wants the newest answer waits. Calls need no catalog. What happens during an
    election is not lost, it is only learned later: a replica that dies meanwhile leaves the
    list when there is a leader again, and its broken connection had told the client long before.
  EOT
  watch  = "the leader's star moving, while the dots go on"

  topology {
    servers  = 3
    clients  = 1
    replicas = 3
  }
  load {
    rate = 100
  }

  vary "query" {
    values = ["", "stale=true", "consistent=true"]
    note   = "default: the leader answers; stale: any server does; consistent: the leader asks the others first"
  }

  predict {
    ask     = "The leader is killed, and half a second later a replica. How many calls fail?"
    options = ["none, or those in flight at the replica", "all until there is a leader", "a third of them until there is a leader"]
    answer  = "those in flight at the dead replica: a broken connection needs no catalog"
  }

  step "behead" {
    say = "SIGKILL for the leader."
    inject "consul-kill" {
      target = "leader"
    }
    wait = "500ms"
  }
  step "kill" {
    say = "No leader yet. Now a replica dies, too."
    inject "kill" {
      target = one
    }
    until  = passing(replicas - 1)
    within = "15s"
  }
  step "settle" {
    until  = listed(replicas - 1)
    within = "10s"
    wait   = "1s"
  }
  step "restart" {
    say    = "The killed server comes back, as a follower, and so does the replica."
    heal   = "behead"
  }
  step "return" {
    heal   = "kill"
    until  = balanced(replicas)
    within = "10s"
  }

  expect "a new leader is there when the heartbeats are missed, at worst two split votes later" {
    within = seconds(2) + 2 * seconds(2) + slack
    of     = behead.elected
  }
  expect "and not before" {
    min  = seconds(1) - ms(100)
    of   = behead.elected
    unit = "s"
  }
  expect "only calls fail that were in flight at the dead replica, or sent before the channel knew" {
    max  = kill.in_flight + 1 + floor(rate / replicas * kill.t2)
    of   = run.failed
    unit = "RPC"
  }
  expect "the channel notices the dead replica without any catalog" {
    within = slack
    of     = kill.t2
  }
  expect "what happened during the election is learned after it" {
    within = max(behead.elected - ms(500), interval) + max(seconds(3), ms(200) + 1.2 * behead.elected) + slack
    of     = kill.t5
  }
  expect "the living stay in the picker" {
    min  = replicas - 1
    of   = run.least
    unit = "replica"
  }
  expect "the killed server comes back as a follower: there is no second election" {
    max = 1
    of  = run.elections
  }
}
