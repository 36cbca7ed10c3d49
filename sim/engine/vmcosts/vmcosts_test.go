package vmcosts

import (
	"reflect"
	"testing"

	"inkan/core/jcvm"
	"inkan/sim/engine"
	"inkan/spec/req"
)

// Every instruction and every field has a cost, on every chip.
func TestNothingIsFree(t *testing.T) {
	req.Covers(t, "SPEC-TIMING-003")
	for _, chip := range engine.Chips() {
		costs := Of(chip)
		for op := range costs.Opcode {
			if defined := op < jcvm.OpcodeCount; (costs.Opcode[op] != 0) != defined {
				t.Errorf("%s: opcode %02X costs %d", chip.Name, op, costs.Opcode[op])
			}
		}
		v := reflect.ValueOf(*costs)
		for i := range v.NumField() {
			if f := v.Field(i); f.Kind() == reflect.Uint16 && f.Uint() == 0 {
				t.Errorf("%s: %s is free", chip.Name, v.Type().Field(i).Name)
			}
		}
	}
}
