scenario "l4-pinning" {
  title   = "A balancer of connections cannot balance RPCs"
  tier    = 1
  teaches = ["HTTP/2 multiplexing", "L4 balancing", "MaxConnectionAge"]
  docs    = "docs/scenarios/l4-pinning.md"

  lesson = <<-EOT
    A TCP balancer decides once per connection, and gRPC sends all its calls over one: they
    are pinned to one replica for as long as it lives. Adding replicas changes nothing.
    Servers can force the decision to be made again, with MaxConnectionAge.
  EOT
  watch  = "a new replica that nobody calls"

  topology {
    replicas = 3
    via      = "tcp"
  }
  load {
    rate   = 200
    policy = "pick_first"
  }
  vary "max_age" {
    values = ["0s", "2s"]
    note   = "age at which a server ends a connection, 0: never"
  }

  predict {
    ask     = "A TCP balancer stands before three replicas, and a fourth joins. What is its share?"
    options = ["a quarter", "nothing", "a third"]
    answer  = "nothing: the one connection is where it was"
  }

  step "look" {
    wait = "2s"
  }
  step "grow" {
    say   = "One more replica."
    scale = replicas + 1
    wait  = "2s"
  }
  step "kill" {
    say = "SIGKILL for the replica that has the connection."
    inject "kill" {
      target = favourite
    }
    wait = "1s"
  }
  step "after" {
    say  = "${victims} is dead. The client connects to the balancer again, and is pinned again."
    wait = "1s"
  }

  expect "one replica gets every call" {
    min = 1
    of  = look.largest_share
  }
  expect "the newcomer changes nothing" {
    min = 1
    of  = grow.largest_share
  }
  expect "only RPCs fail that were in flight, or came before the channel had noticed" {
    max  = kill.in_flight + 2 + rate * kill.left
    of   = run.failed
    unit = "RPC"
  }
  expect "afterwards another one gets every call" {
    min = 1
    of  = after.largest_share
  }
}
