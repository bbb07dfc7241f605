scenario "max-connection-age" {
  title   = "Servers that end old connections"
  tier    = 1
  teaches = ["MaxConnectionAge", "GOAWAY", "re-resolution"]
  docs    = "docs/scenarios/max-connection-age.md"

  lesson = <<-EOT
    A server with MaxConnectionAge says GOAWAY on a connection that got too old: new calls go
    elsewhere, those in flight may end, the client connects again. It costs no call, and it
    is how a server gets clients to look around that would otherwise stay for ever.
  EOT
  watch  = "subchannels that go READY, IDLE, CONNECTING, READY, one after the other"

  topology {
    replicas      = 3
    max_age       = "2s"
    max_age_grace = "1s"
  }
  load {
    rate = 200
  }
  vary "max_age" {
    values = ["2s", "500ms"]
    note   = "age at which a server ends a connection"
  }

  predict {
    ask     = "Each connection is ended every two seconds. How many calls fail?"
    options = ["none", "one per connection", "those in flight"]
    answer  = "none: GOAWAY says which calls the server still takes, and grpc sends the others again"
  }

  step "watch" {
    wait = "7s"
  }

  expect "no RPC fails" {
    max  = 0
    of   = run.failed
    unit = "RPC"
  }
  expect "each connection is made anew, at the latest after its age plus a tenth" {
    min  = replicas * floor(watch.length / (1.1 * max_age + slack))
    of   = watch.connects
    unit = "connection"
  }
  expect "and not before its age less a tenth" {
    max  = replicas * ceil(watch.length / (0.9 * max_age))
    of   = watch.connects
    unit = "connection"
  }
  expect "each new connection costs the evenness no more than two rotations" {
    max = 1 / replicas + 2 * watch.connects / watch.total
    of  = watch.largest_share
  }
  expect "nobody leaves the resolver's list" {
    min  = replicas
    of   = watch.listed
    unit = "replica"
  }
}
