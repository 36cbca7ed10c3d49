package usim

import (
	"context"
	"fmt"
	"testing"

	"inkan/core/iso7816"
	"inkan/core/scp/scp80/remote"
	"inkan/core/uicc"
	"inkan/spec/req"
)

// script runs commands by remote file management within an ENVELOPE, as an
// operating system does.
func (c *card) script(box *inbox, r *Remote, lines ...string) {
	c.t.Helper()
	box.act = func(*Message) {
		if err := r.Begin(); err != nil {
			c.t.Fatal(err)
		}
		for _, line := range lines {
			var command, want string
			if _, err := fmt.Sscanf(line, "%s -> %s", &command, &want); err != nil {
				c.t.Fatal(line, err)
			}
			out, err := r.Transmit(context.Background(), unhex(c.t, command), nil)
			if got := fmt.Sprintf("%X", out); err != nil || got != want {
				c.t.Errorf("%s: got %s, %v", line, got, err)
			}
		}
	}
	c.message(secured(c.t, []byte{1}, 0)[0], iso7816.OK)
	if c.k.Ledger().Sum() != c.k.Now() {
		c.t.Error("the ledger is not the clock")
	}
}

func TestRemote(t *testing.T) {
	req.Covers(t, "SPEC-USIM-170", "SPEC-USIM-171", "SPEC-USIM-172", "SPEC-USIM-173")
	box := &inbox{}
	c := newCard(t, options{ota: box})
	c.usim(uicc.PIN1)
	c.selected(uicc.EFAD)
	full := c.u.NewRemote(Domain{Full: true}, nil)
	c.script(box, full, "00B0000004 -> 6986", "00B0820000 -> 981801000000000010F89000", "00D682000198 -> 6982", // never
		"00A4000C026F07 -> 6A82", "00A40804047FFF6F07 -> 6A82", "00D6850002656E -> 9000", "00B0850002 -> 656E9000",
		"00880081 -> 6D00", "8010000001FF -> 6D00", "80C2000002D600 -> 6D00", "01B0820000 -> 6881", "A0A40000023F00 -> 6E00", "00 -> 6700",
		"00C0000001 -> 6985", "00A40004022FE2 -> 6119", "00C0000004 -> 621782026115", "00C0000000 -> 412183022FE28A01058B032F06018002000A8801109000",
		"00C0000001 -> 6985", "00A40004022FE2 -> 6119", "00B0000001 -> 989000", "00C0000001 -> 6985")
	c.send("00B0000000 -> 00000002 9000") // the terminal's current file is what it was
	usim := c.u.NewRemote(Domain{Full: true}, testUSIM)
	c.script(box, usim, "00A4000C026F07 -> 9000", "00D600000108 -> 9000", "00A4000C023F00 -> 9000", "00A4000C027FFF -> 9000")
	c.script(box, usim, "00B0870001 -> 089000") // begins at the ADF again
	restricted := c.u.NewRemote(Domain{Keys: []uicc.KeyReference{uicc.ADM1}}, testUSIM)
	c.script(box, restricted, "00B0870009 -> 6982", "00D6870009084904012143658709 -> 9000",
		"002000010831323334FFFFFFFF -> 9000", "00B0870001 -> 089000", "002000010830303030FFFFFFFF -> 63C2", "00B0870001 -> 6982")
	c.send("00B0870001 -> 089000") // the terminal's PIN1 is still verified
	c.script(box, restricted, "00B0870001 -> 6982")
	none := c.u.NewRemote(Domain{}, testUSIM)
	c.script(box, none, "00B0870001 -> 6982", "00B0830001 -> 009000")
	c.reset()
	c.usim()
	c.send("00200001 -> 63C2", "00B0870001 -> 6982") // a counter is the card's
	if err := c.u.NewRemote(Domain{}, []byte{0xA0, 0, 0, 0, 1}).Begin(); err == nil {
		t.Error("an ADF that is not there")
	}
	if out, _ := c.u.NewRemote(Domain{}, nil).Transmit(context.Background(), unhex(t, "00B0820000"), nil); fmt.Sprintf("%X", out) != "6700" {
		t.Errorf("without Begin: %X", out)
	}
}

// TestRemoteScript: the executor of scripts works on it.
func TestRemoteScript(t *testing.T) {
	req.Covers(t, "SPEC-USIM-171", "SPEC-USIM-173")
	box := &inbox{}
	c := newCard(t, options{ota: box})
	r := c.u.NewRemote(Domain{Full: true}, nil)
	x := remote.Executor{Card: r}
	box.act = func(*Message) {
		if err := r.Begin(); err != nil {
			t.Fatal(err)
		}
		script := unhex(t, "00A40004022FE2 00B0000004")
		out, err := x.Compact(context.Background(), nil, script, remote.FileCommands)
		if got := fmt.Sprintf("%X", out); err != nil || got != "02900098180100" {
			t.Errorf("%s, %v", got, err)
		}
	}
	c.message(secured(t, []byte{1}, 0)[0], iso7816.OK)
}
