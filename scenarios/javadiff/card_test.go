package javadiff

import (
	"context"
	"fmt"

	"inkan/core/capc"
	"inkan/core/classfile"
	"inkan/sim/runtime/bare"
)

var (
	packageAID = []byte{0xF0, 0x69, 0x6E, 0x6B, 0x61, 0x6E, 0x44}
	appletAID  = append(packageAID[:len(packageAID):len(packageAID)], 1)
)

// refusal is the converter's verdict on a program.
type refusal struct{ error }

// onCard converts a program, which verifies it, and sends its commands to it on
// a card. The error is a refusal, or a fault of ours.
func onCard(p *program, files []classFile) (responses [][]byte, err error) {
	var classes []*classfile.Class
	for _, f := range files {
		c, err := classfile.Parse(f.data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		for i := range c.Methods {
			if code := c.Methods[i].Code; p.unnamed && code != nil {
				code.Variables = nil
			}
		}
		classes = append(classes, c)
	}
	r, err := capc.Convert(classes, capc.Options{
		Package: "diff", AID: packageAID, Int: p.ints, Applets: []capc.Applet{{AID: appletAID, Class: "App"}},
	})
	if err != nil {
		return nil, refusal{err}
	}
	card, err := bare.New(bare.Config{Protocol: 1})
	if err != nil {
		return nil, err
	}
	if _, err := card.Load(r.CAP); err != nil {
		return nil, fmt.Errorf("load: %w", err)
	}
	if _, err := card.Install(packageAID, appletAID, appletAID, nil); err != nil {
		return nil, fmt.Errorf("install: %w", err)
	}
	selection := append([]byte{0x00, 0xA4, 0x04, 0x00, byte(len(appletAID))}, appletAID...)
	if answer, err := card.Transmit(context.Background(), selection, nil); err != nil || fmt.Sprintf("%X", answer) != "9000" {
		return nil, fmt.Errorf("select: %X %w", answer, err)
	}
	for _, c := range p.commands {
		answer, err := card.Transmit(context.Background(), c, nil)
		if err != nil {
			return nil, fmt.Errorf("%X: %w", c, err)
		}
		responses = append(responses, answer)
	}
	return responses, nil
}
