package engine

import (
	"fmt"
	"strings"

	"inkan/core/jcvm"
)

// ParameterTable is the chips' data as Markdown.
func ParameterTable() string {
	var b strings.Builder
	b.WriteString("| parameter |")
	for _, c := range Chips() {
		fmt.Fprintf(&b, " %s |", c.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|", len(Chips())) + "\n")
	for _, row := range parameterRows {
		b.WriteString("| " + row.name + " |")
		for _, c := range Chips() {
			fmt.Fprintf(&b, " %d |", row.value(c))
		}
		b.WriteString("\n")
	}
	return b.String()
}

var parameterRows = []struct {
	name  string
	value func(*Chip) uint64
}{
	{"clock, Hz", func(c *Chip) uint64 { return c.ClockHz }},
	{"NVM size, bytes", func(c *Chip) uint64 { return uint64(c.NVM.SizeBytes) }},
	{"NVM page, bytes", func(c *Chip) uint64 { return uint64(c.NVM.PageBytes) }},
	{"NVM page erase", func(c *Chip) uint64 { return c.NVM.EraseCycles }},
	{"NVM page program", func(c *Chip) uint64 { return c.NVM.ProgramCycles }},
	{"NVM word, bytes", func(c *Chip) uint64 { return uint64(c.NVM.WordBytes) }},
	{"NVM word program", func(c *Chip) uint64 { return c.NVM.WordCycles }},
	{"interpreter step, 1/1000", func(c *Chip) uint64 { return c.CPU.StepMillicycles }},
	{"wait states for a code byte", func(c *Chip) uint64 { return uint64(c.CPU.CodeByte) }},
	{"wait states for an NVM object access", func(c *Chip) uint64 { return uint64(c.CPU.DataAccess) }},
	{"wait states for a byte of bulk NVM data", func(c *Chip) uint64 { return uint64(c.CPU.DataByte) }},
	{"firewall check", func(c *Chip) uint64 { return uint64(c.CPU.Firewall) }},
	{"context switch", func(c *Chip) uint64 { return uint64(c.CPU.Switch) }},
	{"switch pair compared", func(c *Chip) uint64 { return uint64(c.CPU.SwitchPair) }},
	{"exception handler looked at", func(c *Chip) uint64 { return uint64(c.CPU.Unwind) }},
	{"object created", func(c *Chip) uint64 { return uint64(c.CPU.Allocate) }},
	{"package byte linked", func(c *Chip) uint64 { return uint64(c.CPU.LinkByte) }},
	{"constant-pool entry resolved", func(c *Chip) uint64 { return uint64(c.CPU.LinkEntry) }},
	{"object marked", func(c *Chip) uint64 { return uint64(c.CPU.MarkObject) }},
	{"heap block swept", func(c *Chip) uint64 { return uint64(c.CPU.SweepBlock) }},
	{"heap block at boot", func(c *Chip) uint64 { return uint64(c.CPU.BootBlock) }},
	{"API call", func(c *Chip) uint64 { return c.CPU.NativeCall }},
	{"API byte of plain work", func(c *Chip) uint64 { return c.CPU.NativeByte }},
	{"cipher set-up of an API call", func(c *Chip) uint64 { return c.CPU.CipherCall }},
	{"multiplier word, bits", func(c *Chip) uint64 { return uint64(c.Multiplier.WordBits) }},
	{"multiplier MAC", func(c *Chip) uint64 { return c.Multiplier.MAC }},
	{"multiplier row", func(c *Chip) uint64 { return c.Multiplier.Row }},
	{"multiplier add, word", func(c *Chip) uint64 { return c.Multiplier.Add }},
	{"multiplier start", func(c *Chip) uint64 { return c.Multiplier.Start }},
	{"multiplier load, word", func(c *Chip) uint64 { return c.Multiplier.Load }},
	{"multiplier store, word", func(c *Chip) uint64 { return c.Multiplier.Store }},
	{"exponent window, bits", func(c *Chip) uint64 { return uint64(c.Multiplier.WindowBits) }},
	{"AES start", func(c *Chip) uint64 { return c.AES.Start }},
	{"AES load, word", func(c *Chip) uint64 { return c.AES.Load }},
	{"AES store, word", func(c *Chip) uint64 { return c.AES.Store }},
	{"AES round", func(c *Chip) uint64 { return c.AES.Round }},
	{"AES key word", func(c *Chip) uint64 { return c.AES.KeyWord }},
	{"DES start", func(c *Chip) uint64 { return c.DES.Start }},
	{"DES load, word", func(c *Chip) uint64 { return c.DES.Load }},
	{"DES store, word", func(c *Chip) uint64 { return c.DES.Store }},
	{"DES round", func(c *Chip) uint64 { return c.DES.Round }},
	{"hash block start", func(c *Chip) uint64 { return c.Hash.Start }},
	{"hash load, word", func(c *Chip) uint64 { return c.Hash.Load }},
	{"hash round, 32-bit", func(c *Chip) uint64 { return c.Hash.Round32 }},
	{"hash round, 64-bit", func(c *Chip) uint64 { return c.Hash.Round64 }},
	{"Keccak round", func(c *Chip) uint64 { return c.Hash.Keccak }},
	{"random start", func(c *Chip) uint64 { return c.Random.Start }},
	{"random sample", func(c *Chip) uint64 { return c.Random.Sample }},
	{"random sample, bytes", func(c *Chip) uint64 { return uint64(c.Random.WordBytes) }},
	{"checksum byte", func(c *Chip) uint64 { return c.Checksum.Byte }},
	{"trial primes", func(c *Chip) uint64 { return uint64(c.Primes.TrialPrimes) }},
	{"trial word", func(c *Chip) uint64 { return c.Primes.TrialWord }},
}

// OpcodeTable is the cycles of every instruction as Markdown.
func OpcodeTable() string {
	var b strings.Builder
	b.WriteString("| opcode | mnemonic | class | steps |")
	for _, c := range Chips() {
		fmt.Fprintf(&b, " %s |", c.Name)
	}
	b.WriteString("\n|---|---|---|---|" + strings.Repeat("---|", len(Chips())) + "\n")
	for op := range jcvm.OpcodeCount {
		in, _ := jcvm.Lookup(jcvm.Opcode(op))
		class := ClassOf(jcvm.Opcode(op))
		fmt.Fprintf(&b, "| `%02X` | `%s` | %s | %d |", op, in.Mnemonic, class, class.Steps())
		for _, c := range Chips() {
			fmt.Fprintf(&b, " %d |", c.CPU.Cycles(class))
		}
		b.WriteString("\n")
	}
	return b.String()
}

// OperationTable is what the engines cost, by formula, as Markdown.
func OperationTable() string {
	type row struct {
		name   string
		cycles func(*Chip) uint64
	}
	var rows []row
	exp := func(name string, f func(*Multiplier) uint64) {
		rows = append(rows, row{name, func(c *Chip) uint64 { return f(&c.Multiplier) }})
	}
	for _, n := range []int{1024, 2048, 3072, 4096} {
		exp(fmt.Sprintf("RSA-%d private, CRT", n), func(m *Multiplier) uint64 { return m.CRT(m.Words(n / 2)) })
		exp(fmt.Sprintf("RSA-%d private, plain", n), func(m *Multiplier) uint64 { return m.Exp(m.Words(n), n) })
		exp(fmt.Sprintf("RSA-%d public, 65537", n), func(m *Multiplier) uint64 { return m.PublicExp(m.Words(n), 17, 2) })
	}
	for _, n := range []int{192, 224, 256, 320, 384, 512, 521} {
		exp(fmt.Sprintf("EC scalar multiplication, %d bits", n), func(m *Multiplier) uint64 { return m.ScalarMult(m.Words(n), n, n) })
	}
	for _, n := range []int{16, 24, 32} {
		rows = append(rows, row{fmt.Sprintf("AES-%d block", 8*n), func(c *Chip) uint64 { return c.AES.Block(n) }},
			row{fmt.Sprintf("AES-%d key", 8*n), func(c *Chip) uint64 { return c.AES.Key(n) }})
	}
	rows = append(rows, row{"DES block", func(c *Chip) uint64 { return c.DES.Block(1) }}, row{"triple DES block", func(c *Chip) uint64 { return c.DES.Block(3) }})
	for _, h := range hashAlgorithms {
		rows = append(rows, row{h.String() + " block", func(c *Chip) uint64 { return c.Hash.Block(h) }})
	}
	rows = append(rows, row{"16 random bytes", func(c *Chip) uint64 { return c.Random.Bytes(16) }})
	var b strings.Builder
	b.WriteString("| operation |")
	for _, c := range Chips() {
		fmt.Fprintf(&b, " %s, cycles | ms |", c.Name)
	}
	b.WriteString("\n|---|" + strings.Repeat("---|---|", len(Chips())) + "\n")
	for _, r := range rows {
		b.WriteString("| " + r.name + " |")
		for _, c := range Chips() {
			fmt.Fprintf(&b, " %d | %.3f |", r.cycles(c), c.Milliseconds(r.cycles(c)))
		}
		b.WriteString("\n")
	}
	return b.String()
}
