scenario "asymmetric-partition" {
  title   = "Two clients disagree, and both are right"
  tier    = 2
  teaches = ["health is relative to the observer", "keepalive", "what a registry cannot know"]
  docs    = "docs/scenarios/asymmetric-partition.md"
  limit   = "90s"

  lesson = <<-EOT
    One client's own way to a replica swallows everything; another client, and Consul's
    check, reach it as before. There is no single answer to "is it well": the first client
    must find out for itself and drop it, the second must go on using it, and the catalog
    is right not to move.
  EOT
  watch  = "client/1 losing a replica that client/2 goes on picking, beside a catalog that never moves"

  topology {
    replicas          = 3
    callers           = 2
    links             = true
    keepalive         = "10s"
    keepalive_timeout = "1s"
  }
  load {
    rate     = 60
    deadline = "500ms"
  }
  vary "keepalive" {
    values = ["10s", "0s"]
    note   = "0s is grpc's default: never"
  }

  predict {
    ask     = "Only client/1 cannot reach one replica. What does client/2 lose, and what does the catalog say?"
    options = ["nothing, and that the replica passes", "a third of its calls, and that it passes", "nothing, and that it is critical"]
    answer  = "nothing, and that the replica passes: it does, for everybody but one"
  }

  step "cut" {
    say = "The way of client/1 to one replica swallows everything. That of client/2 is another, and so is Consul's."
    inject "link-blackhole" {
      target = one
      path   = "client"
      client = "client-1"
    }
    wait = "13s"
  }
  step "look" {
    say  = "Each client acts on what it sees, and each is right."
    wait = "2s"
  }
  step "mend" {
    heal   = "cut"
    until  = balanced(replicas)
    within = "10s"
  }

  expect "client/1 drops the replica when a keepalive ping has no answer" {
    within = keepalive + keepalive_timeout + 2 * slack
    of     = keepalive == 0 ? 0 : cut.t2
  }
  expect "until then it loses that replica's part of its calls" {
    max  = ceil(rate / replicas * min(cut.length, keepalive == 0 ? cut.length : keepalive + keepalive_timeout + 2 * slack)) + 2
    of   = cut.failed
    unit = "RPC"
  }
  expect "and from then on nothing: the others take its share" {
    max  = keepalive == 0 ? replicas : replicas - 1
    of   = look.used
    unit = "replica"
  }
  expect "without keepalive it never learns" {
    always = keepalive > 0 || cut.t2 == null
  }
  expect "client/2 loses no call" {
    max  = 0
    of   = run.of["client-2"].failed
    unit = "RPC"
  }
  expect "and no connection" {
    always = cut.of["client-2"].t2 == null
  }
  expect "its shares stay exactly even over all replicas" {
    max  = channels
    of   = cut.of["client-2"].spread
    unit = "RPC"
  }
  expect "it goes on picking every replica" {
    min  = replicas
    of   = look.of["client-2"].used
    unit = "replica"
  }
  expect "the catalog never changes: the replica is well" {
    always = cut.t4 == null && cut.entry == "passing"
  }
  expect "neither resolver pushes a new list" {
    max  = 0
    of   = cut.updates + cut.of["client-2"].updates
    unit = "list"
  }
}
