scenario "agent-kill" {
  title   = "The agent dies, and every replica with it, on paper"
  tier    = 2
  teaches = ["the agent is a failure domain", "mass removal", "panic threshold"]
  docs    = "docs/scenarios/agent-kill.md"
  limit   = "90s"

  lesson = <<-EOT
    Replicas are known to the catalog through the agent that they registered with. When it
    dies, gossip declares its node failed, and everything on the node is critical at once
    although each replica answers. A client that believes that has nobody left to call; one
    that finds so many deaths at a time implausible goes on (min-passing).
  EOT
  watch  = "a red catalog over green subchannels"

  topology {
    servers  = 3
    clients  = 1
    home     = "server"
    replicas = 3
    query    = "min-passing=50"
  }
  load {
    rate = 100
  }
  vary "query" {
    values = ["min-passing=50", "empty=keep", ""]
    note   = "min-passing=50: while fewer than half pass, all count; empty=keep: an empty list is no news; neither: believe everything"
  }

  predict {
    ask     = "The agent of all three replicas is killed. The replicas are well. How many calls fail?"
    options = ["none", "those in flight", "all, when gossip has found the agent dead"]
    answer  = "none with a guard such as min-passing; without one, all that come after gossip's verdict"
  }

  step "blind" {
    say = "SIGKILL for the agent with all the registrations."
    inject "consul-kill" {
      target = "consul-client-1"
    }
  }
  step "verdict" {
    until  = passing(0)
    within = "15s"
  }
  step "look" {
    say  = "The node is declared failed: not one replica passes. Each of them answers."
    wait = "2s"
  }
  step "restart" {
    say    = "The agent comes back and remembers its services from disk. Its checks start anew."
    heal   = "blind"
    until  = passing(replicas)
    within = "15s"
    wait   = "1s"
  }

  expect "gossip declares the node failed, and with it everybody on it" {
    within = 4 * ms(200) + 3 * ms(200) + 4 * ms(200) + 2 * slack
    of     = verdict.length
  }
  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "nobody leaves the picker meanwhile" {
    min  = replicas
    of   = min(verdict.least, look.least)
    unit = "replica"
  }
  expect "on the way back the guard holds until half of them pass" {
    min  = ceil(replicas / 2)
    of   = restart.least
    unit = "replica"
  }
  expect "nobody passes" {
    max  = 0
    of   = look.passing
    unit = "replica"
  }
  expect "no replica has ended" {
    max = 0
    of  = run.exits
  }
  expect "all are passing again after the agent's first checks and its first word with the servers" {
    within = interval + seconds(3) + 2 * slack
    of     = restart.length
  }
}
