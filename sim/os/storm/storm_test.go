package storm_test

import (
	"flag"
	"fmt"
	"testing"

	"inkan/spec/req"
)

var (
	apdus  = flag.Int("storm.apdus", 105_000, "commands of each shard")
	replay = flag.Uint64("storm.seed", 0, "the one episode to play")
	seeds  = flag.Uint64("storm.base", 0, "added to the shard's number: other seeds")
)

// perEpisode is how many commands an episode has: a card does not survive all of
// them, and a short one is quickly replayed.
const perEpisode = 300

// storm is one shard.
func storm(t *testing.T, shard uint64, s style) {
	t.Helper()
	req.Covers(t, "SPEC-UICC-OS-003", "SPEC-UICC-OS-128", "SPEC-UICC-OS-031", "SPEC-UICC-OS-094", "SPEC-RUNTIME-012")
	w, err := master()
	if err != nil {
		t.Fatal(err)
	}
	first, last := (shard+*seeds)<<32+1, uint64(1)<<63
	if *replay != 0 {
		first, last = *replay, *replay
	}
	var total counts
	episodes := 0
	for seed := first; seed <= last && (total.apdus < *apdus || *replay != 0); seed++ {
		c, found := w.play(seed, s, perEpisode)
		if found != "" {
			t.Fatalf("%s\nreplay: go test ./sim/os/storm -run '^%s$' -storm.seed=%d", found, t.Name(), seed)
		}
		total.add(&c)
		episodes++
	}
	t.Logf("%d episodes: %s", episodes, fmt.Sprintf("%+v", total))
	if *replay != 0 {
		return
	}
	if total.blind*3 > total.checks {
		t.Errorf("the issuer's domain let nobody in at %d of %d checks", total.blind, total.checks)
	}
	if total.accepted*20 < total.apdus {
		t.Errorf("%d of %d commands were accepted: the attacks do not get in", total.accepted, total.apdus)
	}
}

func TestStormClear(t *testing.T)       { storm(t, 1, style{protocol: 0x01, clear: 1}) }
func TestStormClearT0(t *testing.T)     { storm(t, 2, style{protocol: 0x00, clear: 1}) }
func TestStormContactless(t *testing.T) { storm(t, 3, style{protocol: 0x81, clear: 3, channel: 1}) }
func TestStormChannel(t *testing.T)     { storm(t, 4, style{protocol: 0x01, channel: 1}) }
func TestStormChannelT0(t *testing.T)   { storm(t, 5, style{protocol: 0x00, channel: 1}) }
func TestStormPackets(t *testing.T)     { storm(t, 6, style{protocol: 0x01, packet: 1}) }
func TestStormPacketsT0(t *testing.T)   { storm(t, 7, style{protocol: 0x00, packet: 2, clear: 1}) }
func TestStormMixed(t *testing.T) {
	storm(t, 8, style{protocol: 0x01, clear: 1, channel: 2, packet: 1})
}
func TestStormMixedT0(t *testing.T) {
	storm(t, 9, style{protocol: 0x00, clear: 1, channel: 2, packet: 1})
}
func TestStormMixedMore(t *testing.T) {
	storm(t, 10, style{protocol: 0x01, clear: 2, channel: 1, packet: 1})
}
