package main

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"inkan/scenarios/pcsc"
	"inkan/spec/req"
)

func TestCardUsage(t *testing.T) {
	for line, want := range map[string]int{
		"card --list-profiles": 0, "card alice": 2, "card --vpcd localhost": 2, "card --seed x": 2, "card --number -1": 2,
		"card --profile nobody": 2, "card --number 100000000": 1, "card --image nowhere/card": 1, "card --vpcd 127.0.0.1:1": 1,
		"card --id-card=nobody": 2, "card --id-card --t0": 1, "card --id-card --demo": 1, "card --contactless": 1, "card --id-card=kenta --vpcd 127.0.0.1:1": 1,
	} {
		if got := run(strings.Fields(line)); got != want {
			t.Errorf("inkan %s: exit code %d, want %d", line, got, want)
		}
	}
}

func TestCardProfiles(t *testing.T) {
	text, err := output(t, "card", "--list-profiles")
	for _, want := range []string{"akebono", "SCP03 i 60", "authorised", "visa2", "Lc"} {
		if err != nil || !strings.Contains(text, want) {
			t.Errorf("%v, no %q in\n%s", err, want, text)
		}
	}
}

// The program serves until it gets a signal, and saves the card then.
func TestCardSignal(t *testing.T) {
	req.Covers(t, "SPEC-PCSC-022", "SPEC-PCSC-030")
	image := filepath.Join(t.TempDir(), "card")
	for i, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go reader(l, signal)
		text, err := output(t, "card", "--demo", "--image", image, "--vpcd", l.Addr().String())
		l.Close()
		want := []string{"new", "PIN 1234", "connected to vpcd", "the reader has found the card", "saving " + image}
		if i > 0 {
			want[0], want[1] = "from its image", "--demo changes nothing"
		}
		for _, w := range want {
			if err != nil || !strings.Contains(text, w) {
				t.Errorf("%v: %v, no %q in\n%s", signal, err, w, text)
			}
		}
		b, err := os.ReadFile(image)
		if err != nil {
			t.Fatal(err)
		}
		if saved, err := pcsc.DecodeImage(b); err != nil || saved.Profile != "test" || saved.Number != 1 {
			t.Errorf("%+v, %v", saved.Profile, err)
		}
	}
}

// reader asks one card for its ATR, and then has the program end.
func reader(l net.Listener, signal syscall.Signal) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	defer c.Close()
	if _, err := c.Write([]byte{0, 1, 4}); err != nil {
		return
	}
	if _, err := pcsc.NewFrameReader(c).Next(); err != nil {
		return
	}
	_ = syscall.Kill(syscall.Getpid(), signal)
	time.Sleep(5 * time.Second) // the program goes first
}
