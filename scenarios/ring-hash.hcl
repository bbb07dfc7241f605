scenario "ring-hash" {
  title   = "One of five replicas dies, and only its keys move"
  tier    = 2
  teaches = ["affinity", "consistent hashing", "a modulo moves nearly everything"]
  docs    = "docs/scenarios/ring-hash.md"

  lesson = <<-EOT
    A policy that hashes a key sends it to the same replica every time, so that caches stay
    warm. What matters is how many keys move when a replica dies: on a ring those of the dead
    one go to its neighbours, and no other moves. A hash modulo the number of replicas has
    another divisor, and moves nearly all.
  EOT
  watch  = "the shares: a ring's are uneven, and the dead one's is split among the others"

  topology {
    replicas                 = 5
    failures_before_critical = 3
  }
  load {
    rate   = 400
    keys   = 199 # a prime: taking turns cannot look like affinity
    policy = "ring_hash"
  }
  vary "policy" {
    values = ["ring_hash", "modulo_hash"]
    note   = "a ring, and the hash modulo the number of replicas"
  }
  steady {
    for = "2s"
  }

  predict {
    ask     = "199 keys on five replicas, and one dies. How many keys does the ring move?"
    options = ["a fifth", "four fifths", "all"]
    answer  = "a fifth, those of the dead one; a modulo moves four fifths"
  }

  step "look" {
    wait = "1500ms"
  }
  step "kill" {
    say = "SIGKILL. It takes Consul three failed checks to believe it."
    inject "kill" {
      target = one
    }
  }
  step "dead" {
    say  = "Still on the list, so still on the ring: its keys go to the next one on it that lives."
    wait = "1500ms"
  }
  step "news" {
    until  = listed(replicas - 1)
    within = "10s"
  }
  step "gone" {
    say  = "Off the list: the ring is made again, of four."
    wait = "1500ms"
  }
  step "restart" {
    heal   = "kill"
    until  = ready(replicas)
    within = "10s"
  }

  expect "a key goes where it went before" {
    min = 1
    of  = look.affinity
  }
  expect "Consul has said nothing yet" {
    always = dead.listed == replicas
  }
  expect "only keys of the dead one move" {
    max = 0
    of  = dead.moved_needlessly
  }
  expect "they are its share, give or take what chance does" {
    max = 1 / replicas + 3 * pow((1 - 1 / replicas) / replicas * (1 / keys + 1 / 1024), 0.5)
    of  = dead.moved
  }
  expect "made again, of four, the ring moves a few more" {
    max = 1 / replicas + (replicas - 2) / pow(replicas, 2) + 3 * pow((1 - 1 / replicas) / replicas * (1 / keys + 1 / 1024), 0.5)
    of  = gone.moved
  }
  expect "every key comes home, though the port is another" {
    max = 0
    of  = verify.moved
  }
  expect "only calls fail that were in flight, or sent before the channel knew" {
    max  = kill.in_flight + 1 + ceil(rate / replicas * kill.t2)
    of   = run.failed
    unit = "RPC"
  }
}
