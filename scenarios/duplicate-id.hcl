scenario "duplicate-id" {
  title   = "Three processes register under one ID"
  tier    = 1
  teaches = ["unique service IDs", "last writer wins"]
  docs    = "docs/scenarios/duplicate-id.md"

  lesson = <<-EOT
    The ID is the key of an entry. Processes that share one overwrite each other: three run,
    one is listed, and Consul finds nothing wrong. When the listed one dies nobody gets
    calls, though two healthy processes stand by.
  EOT
  watch  = "three replicas run; the catalog, the resolver and the picker know one"

  topology {
    replicas = 3
    same_id  = "greeter"
  }
  load {
    rate = 200
  }

  predict {
    ask     = "Three processes share one ID, and the listed one dies. Who gets the calls?"
    options = ["the two others", "nobody", "the one that registered second"]
    answer  = "nobody: Consul knows of no other address"
  }

  step "look" {
    say  = "Three processes run. Who gets the calls?"
    wait = "1s"
  }
  step "kill" {
    say = "SIGKILL for the one that gets them all."
    inject "kill" {
      target = favourite
    }
    wait = "1s"
  }
  step "dark" {
    say  = "${victims} is dead. The two others run, and nobody calls."
    wait = "1s"
  }
  step "return" {
    heal   = "kill"
    until  = balanced(1)
    within = "8s"
  }

  expect "one replica gets every call" {
    min = 1
    of  = look.largest_share
  }
  expect "the catalog has one entry" {
    max  = 1
    of   = look.registered
    unit = "entry"
  }
  expect "without it not one call succeeds" {
    max = 0
    of  = dark.success
  }
  expect "though only one process ended" {
    max  = 1
    of   = run.exits
    unit = "process"
  }
}
