package main

import (
	"context"
	"errors"
	"fmt"

	"inkan/core/cap"
	"inkan/core/gp"
	"inkan/core/jcvm/asm"
	"inkan/core/observe"
	"inkan/sim/clock"
	"inkan/sim/os"
	"inkan/sim/runtime"
	"inkan/sim/runtime/binding"
	"inkan/sim/vm"
)

var commandPromise = Promise{
	Name:     "a command of 4 bytes to an applet of 97 bytecodes on a whole card",
	Baseline: "the same bytecodes by calling the applet's process method on the machine",
	Limit:    1.5,
	MaxNanos: 2000, // 500,000 a second
	Setup:    setupCommand,
}

const (
	commandBytecodes = 97
	tokenProcess     = 7 // of Applet.process
)

// processText is process: but for SELECT it mixes seven bytes of the APDU buffer.
const processText = `
	aload_0
	invokevirtual 4
	ifeq go
	return
go:
	aload_1
	invokevirtual 5
	astore_2
	sconst_0
	sstore 4
	bspush 7
	sstore_3
loop:
	sload_3
	ifeq done
	sload 4
	aload_2
	sload_3
	baload
	sadd
	sload_3
	sxor
	sstore 4
	sinc 3 -1
	goto loop
done:
	return
`

const installText = `
	new 0
	dup
	invokespecial 1
	invokevirtual 3
	return
`

const initText = `
	aload_0
	invokespecial 2
	return
`

var commandAID = []byte{0xF0, 'b', 'e', 'n', 'c', 'h', 1}

// commandPackage is a package with one applet and no descriptors.
func commandPackage() (*cap.File, error) {
	const appletClass = "javacard/framework/Applet"
	f := &cap.File{
		Header: cap.Header{Format: cap.Version{Major: 2, Minor: 1}, Flags: cap.FlagApplet,
			Package: cap.PackageInfo{AID: commandAID[:6], Version: cap.Version{Major: 1}}},
		Imports: imports("java/lang", "javacard/framework"),
		Constants: []cap.Constant{
			{Kind: cap.Classref},
			{Kind: cap.StaticMethodref},
			reference(1, appletClass, "<init>", "()V"),
			reference(1, appletClass, "register", "()V"),
			reference(1, appletClass, "selectingApplet", "()Z"),
			reference(1, "javacard/framework/APDU", "getBuffer", "()[B"),
		},
	}
	info := cap.AppendHandlers(nil, nil)
	var offsets []uint16
	for _, m := range []method{
		{args: 1, stack: 2, text: initText}, {args: 3, stack: 4, text: installText}, {args: 2, locals: 3, stack: 4, text: processText},
	} {
		code, err := asm.Assemble(m.text)
		if err != nil {
			return nil, err
		}
		offsets = append(offsets, uint16(len(info)))
		info = append(cap.AppendHeader(info, cap.MethodHeader{MaxStack: m.stack, Args: m.args, MaxLocals: m.locals}), code...)
	}
	f.Method = cap.MethodComponent{Info: info}
	f.Constants[1].Info = [3]byte{0, byte(offsets[0] >> 8), byte(offsets[0])}
	f.Class.Classes = []cap.ClassInfo{{Super: cap.ExternalClass(1, 3), PublicBase: tokenProcess, Public: offsets[2:], FirstReference: 0xFF}}
	f.Applets = []cap.Applet{{AID: commandAID, InstallMethod: offsets[1]}}
	f.FillDirectory()
	return f, nil
}

// newCommandCard makes a card with the applet loaded, installed and selected.
func newCommandCard(o observe.Observer) (*os.Card, error) {
	f, err := commandPackage()
	if err != nil {
		return nil, err
	}
	aid := func(b []byte) gp.AID { a, _ := gp.NewAID(b); return a }
	c, err := newContent(f.LoadFile(nil, false), aid(commandAID[:6]), aid(commandAID), aid(commandAID), []byte{})
	if err != nil {
		return nil, err
	}
	m, err := newManager(os.Config{Observer: o, Options: runtime.Options{NoVerification: true}})
	if err != nil {
		return nil, err
	}
	if err := m.load(c); err != nil {
		return nil, err
	}
	_, err = gp.Exchange(context.Background(), m.card, gp.Select{Name: commandAID}, nil)
	return m.card, err
}

var shortCommand = []byte{0x80, 0x10, 0x12, 0x34}

func setupCommand() (operation, baseline func(), err error) {
	if err := countBytecodes(); err != nil {
		return nil, nil, err
	}
	card, err := newCommandCard(nil)
	if err != nil {
		return nil, nil, err
	}
	var answer []byte
	ctx := context.Background()
	operation = func() {
		if answer, err = card.Transmit(ctx, shortCommand, answer[:0]); err != nil || len(answer) != 2 || answer[0] != 0x90 {
			panic(fmt.Sprintf("%X %v", answer, err))
		}
	}
	ref, object, class := card.Applet(commandAID).Ref, apduObject(card.Machine()), binding.Class("javacard/framework/Applet")
	args := []vm.Word{vm.RefWord(object)}
	baseline = func() {
		if _, e := card.Machine().Invoke(vm.JCRE, ref, class, tokenProcess, args...); e != nil {
			panic(e)
		}
	}
	spent := func(f func()) uint64 {
		before := card.Clock().Ledger()
		f()
		since := card.Clock().Ledger().Since(before)
		return since[clock.Bytecode] + since[clock.Memory] + since[clock.Firewall] + since[clock.Native]
	}
	if spent(operation) != spent(baseline) {
		err = errDiffers
	}
	return operation, baseline, err
}

// apduObject is the card's APDU object.
func apduObject(m *vm.Machine) (found vm.Ref) {
	for ref := vm.Ref(1); found == vm.Null && ref < 0xFFFF; ref++ {
		m.Try(func() {
			if m.ClassOf(ref).Name() == "javacard/framework/APDU" {
				found = ref
			}
		})
	}
	return found
}

// bytecodes counts them.
type bytecodes struct {
	observe.Nop
	n int
}

// Bytecode implements observe.Observer.
func (b *bytecodes) Bytecode(*observe.Step) { b.n++ }

// countBytecodes holds the number in the promise's name.
func countBytecodes() error {
	count := new(bytecodes)
	card, err := newCommandCard(count)
	if err != nil {
		return err
	}
	count.n = 0
	if _, err = card.Transmit(context.Background(), shortCommand, nil); err == nil && count.n != commandBytecodes {
		err = errors.New(fmt.Sprint(count.n, " bytecodes"))
	}
	return err
}
