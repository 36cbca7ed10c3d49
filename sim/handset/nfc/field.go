package nfc

import (
	"context"
	"fmt"

	"inkan/core/apdu"
	"inkan/core/gp"
	"inkan/core/iso7816"
	"inkan/sim/handset/device"
	"inkan/sim/handset/fault"
)

// Field is what a reader that came near has: an apdu.Card until it leaves. Not for
// concurrent use.
type Field struct {
	controller *Controller
	kind       device.NFCType
	done       Transaction
	selected   bool
	least      Screen // of what is selected
}

var _ apdu.Card = (*Field)(nil)

// Format prints the type, whatever the verb.
func (f *Field) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "reader of type %v", f.kind) }

// Transmit implements apdu.Card for the reader. SELECT by name reaches the SIM when
// the table has the application there and it is open; all other commands when such a
// SELECT came before in this field. The error is fault.FieldLost, or the card's.
// Spec: SPEC-HANDSET-074, SPEC-HANDSET-075, SPEC-HANDSET-076.
func (f *Field) Transmit(ctx context.Context, cmd, dst []byte) ([]byte, error) {
	c := f.controller
	if c.field != f {
		return dst, fault.New(fault.FieldLost, "")
	}
	command, err := apdu.DecodeCommand(cmd)
	if err != nil {
		return answer(dst, iso7816.WrongLength), nil
	}
	if sw := command.HeaderStatus(); sw != iso7816.OK {
		return answer(dst, sw), nil
	}
	class := command.Class()
	if class.Channel() != 0 || !class.Proprietary() && command.INS == iso7816.INSManageChannel {
		return answer(dst, iso7816.LogicalChannelNotSupported), nil
	}
	byName := !class.Proprietary() && command.INS == iso7816.INSSelect && command.P1 == 0x04
	if !byName {
		if !f.selected {
			return answer(dst, iso7816.ConditionsNotSatisfied), nil
		}
		f.done.Commands++
		return c.Target.Near(ctx, f.kind == device.NFCB, cmd, dst)
	}
	aid, err := gp.NewAID(command.Data)
	least, open := c.open(aid)
	if err != nil || !open {
		return answer(dst, iso7816.FileNotFound), nil
	}
	f.done.Commands++
	out, err := c.Target.Near(ctx, f.kind == device.NFCB, cmd, dst)
	if err != nil || len(out) < len(dst)+2 {
		return out, err
	}
	if out[len(out)-2] == 0x90 || out[len(out)-2] == 0x61 {
		f.selected, f.least = true, least
		f.done.Selected = append(f.done.Selected, aid)
	}
	return out, nil
}

// Leave is the reader that goes: what it selected is left, and the holder's act is used
// up if it selected that application. Leaving twice does nothing.
// Spec: SPEC-HANDSET-070, SPEC-HANDSET-077.
func (f *Field) Leave(ctx context.Context) error {
	c := f.controller
	used := len(f.done.Selected) > 0
	if f.done.Type == 0 {
		return nil
	}
	done := f.done
	f.done = Transaction{}
	if c.field == f {
		c.field = nil
	}
	if !used {
		return nil
	}
	for _, aid := range done.Selected {
		if aid == c.acted {
			c.acted = gp.AID{}
		}
	}
	err := c.Target.Leave(ctx)
	if c.Listener != nil {
		c.Listener(done)
	}
	return err
}

func answer(dst []byte, sw iso7816.SW) []byte { return append(dst, sw.SW1(), sw.SW2()) }
