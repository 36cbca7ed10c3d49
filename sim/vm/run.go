package vm

import (
	"inkan/core/cap"
	"inkan/core/jcvm"
	"inkan/core/observe"
)

// run interprets the running frame and those that it calls, until the frame
// with index floor returns or throws. pc and acc are stored before each
// instruction, so that whoever unwinds it (a trap, a throw from a helper, a
// power cut) finds them true. Spec: SPEC-JCVM-001 to SPEC-JCVM-004.
func (m *Machine) run(floor int) outcome {
	var (
		target *Method   // call: what is called
		argAt  int       // call: operand index of its first argument
		length int       // call: of the instruction
		next   Context   // call: the context that it runs in
		deny   *APIClass // raise: what is thrown
		reason int16     // raise
		result int       // leave: words of the result
	)
	acc := m.acc
	obs := m.cfg.Observer
	costs := &m.opcode
enter:
	for {
		f := &m.frames[m.depth]
		method := f.method
		code, links := method.pkg.code, method.pkg.links
		loc := m.stack[f.base:f.ops:f.ops]
		ops := m.stack[f.ops : f.ops+method.maxStack : f.ops+method.maxStack]
		ctx := uint16(f.context)
		pc, sp := int(f.pc), int(f.sp)
		for {
			op := jcvm.Opcode(code[pc])
			acc += costs[op]
			f.pc, m.acc = int32(pc), acc
			if obs != nil {
				m.observe(obs, f, op)
			}
			switch op {
			case jcvm.OpNop:
				pc++
			case jcvm.OpAconstNull:
				ops[sp] = tagRef
				sp++
				pc++
			case jcvm.OpSconstM1:
				ops[sp] = 0xFFFF
				sp++
				pc++
			case jcvm.OpSconst0:
				ops[sp] = 0
				sp++
				pc++
			case jcvm.OpSconst1:
				ops[sp] = 1
				sp++
				pc++
			case jcvm.OpSconst2:
				ops[sp] = 2
				sp++
				pc++
			case jcvm.OpSconst3:
				ops[sp] = 3
				sp++
				pc++
			case jcvm.OpSconst4:
				ops[sp] = 4
				sp++
				pc++
			case jcvm.OpSconst5:
				ops[sp] = 5
				sp++
				pc++
			case jcvm.OpIconstM1:
				putInt(ops, sp, -1)
				sp += 2
				pc++
			case jcvm.OpIconst0:
				putInt(ops, sp, 0)
				sp += 2
				pc++
			case jcvm.OpIconst1:
				putInt(ops, sp, 1)
				sp += 2
				pc++
			case jcvm.OpIconst2:
				putInt(ops, sp, 2)
				sp += 2
				pc++
			case jcvm.OpIconst3:
				putInt(ops, sp, 3)
				sp += 2
				pc++
			case jcvm.OpIconst4:
				putInt(ops, sp, 4)
				sp += 2
				pc++
			case jcvm.OpIconst5:
				putInt(ops, sp, 5)
				sp += 2
				pc++
			case jcvm.OpBspush:
				ops[sp] = cell(uint16(int16(int8(code[pc+1]))))
				sp++
				pc += 2
			case jcvm.OpSspush:
				ops[sp] = cell(code[pc+1])<<8 | cell(code[pc+2])
				sp++
				pc += 3
			case jcvm.OpBipush:
				putInt(ops, sp, int32(int8(code[pc+1])))
				sp += 2
				pc += 2
			case jcvm.OpSipush:
				putInt(ops, sp, int32(int16(uint16(code[pc+1])<<8|uint16(code[pc+2]))))
				sp += 2
				pc += 3
			case jcvm.OpIipush:
				ops[sp+1] = cell(code[pc+3])<<8 | cell(code[pc+4])
				ops[sp] = cell(code[pc+1])<<8 | cell(code[pc+2])
				sp += 2
				pc += 5
			case jcvm.OpAload, jcvm.OpSload:
				ops[sp] = loc[code[pc+1]]
				sp++
				pc += 2
			case jcvm.OpIload:
				putInt(ops, sp, intAt(loc, int(code[pc+1])))
				sp += 2
				pc += 2
			case jcvm.OpAstore, jcvm.OpSstore:
				sp--
				loc[code[pc+1]] = ops[sp]
				pc += 2
			case jcvm.OpIstore:
				sp -= 2
				putInt(loc, int(code[pc+1]), intAt(ops, sp))
				pc += 2
			case jcvm.OpAload0, jcvm.OpSload0:
				ops[sp] = loc[0]
				sp++
				pc++
			case jcvm.OpAstore0, jcvm.OpSstore0:
				sp--
				loc[0] = ops[sp]
				pc++
			case jcvm.OpIload0:
				putInt(ops, sp, intAt(loc, 0))
				sp += 2
				pc++
			case jcvm.OpIstore0:
				sp -= 2
				putInt(loc, 0, intAt(ops, sp))
				pc++
			case jcvm.OpAload1, jcvm.OpSload1:
				ops[sp] = loc[1]
				sp++
				pc++
			case jcvm.OpAstore1, jcvm.OpSstore1:
				sp--
				loc[1] = ops[sp]
				pc++
			case jcvm.OpIload1:
				putInt(ops, sp, intAt(loc, 1))
				sp += 2
				pc++
			case jcvm.OpIstore1:
				sp -= 2
				putInt(loc, 1, intAt(ops, sp))
				pc++
			case jcvm.OpAload2, jcvm.OpSload2:
				ops[sp] = loc[2]
				sp++
				pc++
			case jcvm.OpAstore2, jcvm.OpSstore2:
				sp--
				loc[2] = ops[sp]
				pc++
			case jcvm.OpIload2:
				putInt(ops, sp, intAt(loc, 2))
				sp += 2
				pc++
			case jcvm.OpIstore2:
				sp -= 2
				putInt(loc, 2, intAt(ops, sp))
				pc++
			case jcvm.OpAload3, jcvm.OpSload3:
				ops[sp] = loc[3]
				sp++
				pc++
			case jcvm.OpAstore3, jcvm.OpSstore3:
				sp--
				loc[3] = ops[sp]
				pc++
			case jcvm.OpIload3:
				putInt(ops, sp, intAt(loc, 3))
				sp += 2
				pc++
			case jcvm.OpIstore3:
				sp -= 2
				putInt(loc, 3, intAt(ops, sp))
				pc++
			case jcvm.OpBaload:
				sp--
				r, i := ops[sp-1], uint16(ops[sp])
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.kind != uint8(ByteArray) && o.kind != uint8(BooleanArray) {
					panic(trap("baload of another kind of object"))
				}
				if i >= o.length || i > 0x7FFF {
					deny = m.known.bounds
					goto raise
				}
				var v byte
				if o.ram != nil {
					v = o.ram[i]
				} else {
					m.accesses++
					v = m.flash.Byte(o.at + uint32(i))
				}
				ops[sp-1] = cell(uint16(int16(int8(v))))
				pc++
			case jcvm.OpBastore:
				sp -= 3
				r, i := ops[sp], uint16(ops[sp+1])
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.kind != uint8(ByteArray) && o.kind != uint8(BooleanArray) {
					panic(trap("bastore to another kind of object"))
				}
				if i >= o.length || i > 0x7FFF {
					deny = m.known.bounds
					goto raise
				}
				if o.ram != nil {
					o.ram[i] = byte(ops[sp+2])
				} else {
					m.accesses++
					m.scratch[0] = byte(ops[sp+2])
					m.store(o.at+uint32(i), m.scratch[:1])
					acc = m.acc
				}
				pc++
			case jcvm.OpSaload, jcvm.OpAaload:
				sp--
				r, i := ops[sp-1], uint16(ops[sp])
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				tag := cell(0)
				if op == jcvm.OpAaload {
					tag = tagRef
				}
				if op == jcvm.OpSaload && o.kind != uint8(ShortArray) || op == jcvm.OpAaload && o.kind != kindReferences {
					panic(trap(op.String() + " of another kind of object"))
				}
				if i >= o.length || i > 0x7FFF {
					deny = m.known.bounds
					goto raise
				}
				ops[sp-1] = tag | cell(m.cellAt(o, int(i)))
				pc++
			case jcvm.OpSastore:
				sp -= 3
				o, i, no := m.arrayElement(ops[sp], ops[sp+1], Context(ctx), uint8(ShortArray))
				if deny = no; deny != nil {
					goto raise
				}
				m.setCellAt(o, i, uint16(ops[sp+2]))
				acc = m.acc
				pc++
			case jcvm.OpAastore:
				sp -= 3
				o, i, no := m.arrayElement(ops[sp], ops[sp+1], Context(ctx), kindReferences)
				if deny = no; deny != nil {
					goto raise
				}
				if deny = m.storable(o.class, ops[sp+2], Context(ctx)); deny != nil {
					goto raise
				}
				m.setCellAt(o, i, uint16(ops[sp+2]))
				acc = m.acc
				pc++
			case jcvm.OpIaload:
				sp -= 2
				o, i, no := m.arrayElement(ops[sp], ops[sp+1], Context(ctx), uint8(IntArray))
				if deny = no; deny != nil {
					goto raise
				}
				ops[sp+1] = cell(m.cellAt(o, 2*i+1))
				ops[sp] = cell(m.cellAt(o, 2*i))
				sp += 2
				pc++
			case jcvm.OpIastore:
				sp -= 4
				o, i, no := m.arrayElement(ops[sp], ops[sp+1], Context(ctx), uint8(IntArray))
				if deny = no; deny != nil {
					goto raise
				}
				m.setIntAt(o, 2*i, intAt(ops, sp+2))
				acc = m.acc
				pc++
			case jcvm.OpArraylength:
				r := ops[sp-1]
				m.checks++
				o := &m.objects[r.ref()]
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.kind < uint8(BooleanArray) {
					panic(trap("arraylength of an instance"))
				}
				ops[sp-1] = cell(o.length)
				pc++
			case jcvm.OpPop:
				sp--
				_ = ops[sp]
				pc++
			case jcvm.OpPop2:
				sp -= 2
				_ = ops[sp]
				pc++
			case jcvm.OpDup:
				ops[sp] = ops[sp-1]
				sp++
				pc++
			case jcvm.OpDup2:
				ops[sp+1], ops[sp] = ops[sp-1], ops[sp-2]
				sp += 2
				pc++
			case jcvm.OpDupX:
				sp = dupX(ops, sp, code[pc+1])
				pc += 2
			case jcvm.OpSwapX:
				swapX(ops, sp, code[pc+1])
				pc += 2
			case jcvm.OpSadd:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] + ops[sp]))
				pc++
			case jcvm.OpSsub:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] - ops[sp]))
				pc++
			case jcvm.OpSmul:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] * ops[sp]))
				pc++
			case jcvm.OpSand:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] & ops[sp]))
				pc++
			case jcvm.OpSor:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] | ops[sp]))
				pc++
			case jcvm.OpSxor:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] ^ ops[sp]))
				pc++
			case jcvm.OpSshl:
				sp--
				ops[sp-1] = cell(uint16(ops[sp-1] << (ops[sp] & 31)))
				pc++
			case jcvm.OpSshr:
				sp--
				ops[sp-1] = cell(uint16(int32(int16(ops[sp-1])) >> (ops[sp] & 31)))
				pc++
			case jcvm.OpSushr:
				sp--
				ops[sp-1] = cell(uint16(uint32(int32(int16(ops[sp-1]))) >> (ops[sp] & 31)))
				pc++
			case jcvm.OpSdiv:
				sp--
				if uint16(ops[sp]) == 0 {
					deny = m.known.arithmetic
					goto raise
				}
				ops[sp-1] = cell(uint16(int32(int16(ops[sp-1])) / int32(int16(ops[sp]))))
				pc++
			case jcvm.OpSrem:
				sp--
				if uint16(ops[sp]) == 0 {
					deny = m.known.arithmetic
					goto raise
				}
				ops[sp-1] = cell(uint16(int32(int16(ops[sp-1])) % int32(int16(ops[sp]))))
				pc++
			case jcvm.OpSneg:
				ops[sp-1] = cell(uint16(-ops[sp-1]))
				pc++
			case jcvm.OpS2b:
				ops[sp-1] = cell(uint16(int16(int8(ops[sp-1]))))
				pc++
			case jcvm.OpS2i:
				putInt(ops, sp-1, int32(int16(ops[sp-1])))
				sp++
				pc++
			case jcvm.OpI2b:
				sp--
				ops[sp-1] = cell(uint16(int16(int8(ops[sp]))))
				pc++
			case jcvm.OpI2s:
				sp--
				ops[sp-1] = cell(uint16(ops[sp]))
				pc++
			case jcvm.OpIcmp:
				sp -= 3
				ops[sp-1] = compare(intAt(ops, sp-1), intAt(ops, sp+1))
				pc++
			case jcvm.OpIneg:
				putInt(ops, sp-2, -intAt(ops, sp-2))
				pc++
			case jcvm.OpIadd:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)+intAt(ops, sp))
				pc++
			case jcvm.OpIsub:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)-intAt(ops, sp))
				pc++
			case jcvm.OpImul:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)*intAt(ops, sp))
				pc++
			case jcvm.OpIand:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)&intAt(ops, sp))
				pc++
			case jcvm.OpIor:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)|intAt(ops, sp))
				pc++
			case jcvm.OpIxor:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)^intAt(ops, sp))
				pc++
			case jcvm.OpIshl:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)<<uint(intAt(ops, sp)&31))
				pc++
			case jcvm.OpIshr:
				sp -= 2
				putInt(ops, sp-2, intAt(ops, sp-2)>>uint(intAt(ops, sp)&31))
				pc++
			case jcvm.OpIushr:
				sp -= 2
				putInt(ops, sp-2, int32(uint32(intAt(ops, sp-2))>>uint(intAt(ops, sp)&31)))
				pc++
			case jcvm.OpIdiv:
				if intAt(ops, sp-2) == 0 {
					deny = m.known.arithmetic
					goto raise
				}
				putInt(ops, sp-4, intAt(ops, sp-4)/intAt(ops, sp-2))
				sp -= 2
				pc++
			case jcvm.OpIrem:
				if intAt(ops, sp-2) == 0 {
					deny = m.known.arithmetic
					goto raise
				}
				putInt(ops, sp-4, intAt(ops, sp-4)%intAt(ops, sp-2))
				sp -= 2
				pc++
			case jcvm.OpSinc:
				i := code[pc+1]
				loc[i] = cell(uint16(loc[i] + cell(int8(code[pc+2]))))
				pc += 3
			case jcvm.OpSincW:
				i := code[pc+1]
				loc[i] = cell(uint16(loc[i] + cell(code[pc+2])<<8 + cell(code[pc+3])))
				pc += 4
			case jcvm.OpIinc:
				i := int(code[pc+1])
				putInt(loc, i, intAt(loc, i)+int32(int8(code[pc+2])))
				pc += 3
			case jcvm.OpIincW:
				i := int(code[pc+1])
				putInt(loc, i, intAt(loc, i)+int32(int16(uint16(code[pc+2])<<8|uint16(code[pc+3]))))
				pc += 4
			case jcvm.OpIfeq:
				sp -= 1
				if int16(ops[sp]) == 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfne:
				sp -= 1
				if int16(ops[sp]) != 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIflt:
				sp -= 1
				if int16(ops[sp]) < 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfge:
				sp -= 1
				if int16(ops[sp]) >= 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfgt:
				sp -= 1
				if int16(ops[sp]) > 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfle:
				sp -= 1
				if int16(ops[sp]) <= 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfnull:
				sp -= 1
				if uint16(ops[sp]) == 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfnonnull:
				sp -= 1
				if uint16(ops[sp]) != 0 {
					goto jump
				}
				pc += 2
			case jcvm.OpIfAcmpeq:
				sp -= 2
				if uint16(ops[sp]) == uint16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfAcmpne:
				sp -= 2
				if uint16(ops[sp]) != uint16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpeq:
				sp -= 2
				if int16(ops[sp]) == int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpne:
				sp -= 2
				if int16(ops[sp]) != int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmplt:
				sp -= 2
				if int16(ops[sp]) < int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpge:
				sp -= 2
				if int16(ops[sp]) >= int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmpgt:
				sp -= 2
				if int16(ops[sp]) > int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfScmple:
				sp -= 2
				if int16(ops[sp]) <= int16(ops[sp+1]) {
					goto jump
				}
				pc += 2
			case jcvm.OpIfeqW:
				sp -= 1
				if int16(ops[sp]) == 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfneW:
				sp -= 1
				if int16(ops[sp]) != 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfltW:
				sp -= 1
				if int16(ops[sp]) < 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfgeW:
				sp -= 1
				if int16(ops[sp]) >= 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfgtW:
				sp -= 1
				if int16(ops[sp]) > 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfleW:
				sp -= 1
				if int16(ops[sp]) <= 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfnullW:
				sp -= 1
				if uint16(ops[sp]) == 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfnonnullW:
				sp -= 1
				if uint16(ops[sp]) != 0 {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfAcmpeqW:
				sp -= 2
				if uint16(ops[sp]) == uint16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfAcmpneW:
				sp -= 2
				if uint16(ops[sp]) != uint16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfScmpeqW:
				sp -= 2
				if int16(ops[sp]) == int16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfScmpneW:
				sp -= 2
				if int16(ops[sp]) != int16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfScmpltW:
				sp -= 2
				if int16(ops[sp]) < int16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfScmpgeW:
				sp -= 2
				if int16(ops[sp]) >= int16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfScmpgtW:
				sp -= 2
				if int16(ops[sp]) > int16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpIfScmpleW:
				sp -= 2
				if int16(ops[sp]) <= int16(ops[sp+1]) {
					goto jumpWide
				}
				pc += 3
			case jcvm.OpGoto:
				goto jump
			case jcvm.OpGotoW:
				goto jumpWide
			case jcvm.OpJsr:
				if pc+3 > 0xFFFF {
					panic(trap("return address"))
				}
				ops[sp] = tagReturn | cell(pc+3)
				sp++
				goto jumpWide
			case jcvm.OpRet:
				c := loc[code[pc+1]]
				if c>>16 != tagReturn>>16 {
					panic(trap("ret to no return address"))
				}
				pc = int(uint16(c))
				if uint32(acc) > flushAt {
					m.flush()
					acc = m.acc
				}
			case jcvm.OpStableswitch, jcvm.OpSlookupswitch:
				sp--
				pc = m.doSwitch(code, pc, int32(int16(ops[sp])))
				acc = m.acc
			case jcvm.OpItableswitch, jcvm.OpIlookupswitch:
				sp -= 2
				pc = m.doSwitch(code, pc, intAt(ops, sp))
				acc = m.acc
			case jcvm.OpGetstaticA, jcvm.OpGetstaticB, jcvm.OpGetstaticS, jcvm.OpGetstaticI:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				sp = m.getStatic(k, op, ops, sp)
				pc += 3
			case jcvm.OpPutstaticA, jcvm.OpPutstaticB, jcvm.OpPutstaticS, jcvm.OpPutstaticI:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				if sp, deny = m.putStatic(k, op, ops, sp, Context(ctx)); deny != nil {
					goto raise
				}
				acc = m.acc
				pc += 3
			case jcvm.OpGetfieldA:
				k, r := &links[code[pc+1]], ops[sp-1]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != true || o.kind != kindInstance {
					m.checkField(o, k, true, 1)
				}
				ops[sp-1] = tagRef | cell(m.cellAt(o, int(k.cell)))
				pc += 2
			case jcvm.OpGetfieldAW:
				k, r := &links[int(code[pc+1])<<8|int(code[pc+2])], ops[sp-1]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != true || o.kind != kindInstance {
					m.checkField(o, k, true, 1)
				}
				ops[sp-1] = tagRef | cell(m.cellAt(o, int(k.cell)))
				pc += 3
			case jcvm.OpGetfieldAThis:
				k, r := &links[code[pc+1]], loc[0]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != true || o.kind != kindInstance {
					m.checkField(o, k, true, 1)
				}
				ops[sp] = tagRef | cell(m.cellAt(o, int(k.cell)))
				sp++
				pc += 2
			case jcvm.OpGetfieldB:
				k, r := &links[code[pc+1]], ops[sp-1]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != false || o.kind != kindInstance {
					m.checkField(o, k, false, 1)
				}
				ops[sp-1] = cell(uint16(int16(int8(m.cellAt(o, int(k.cell))))))
				pc += 2
			case jcvm.OpGetfieldBW:
				k, r := &links[int(code[pc+1])<<8|int(code[pc+2])], ops[sp-1]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != false || o.kind != kindInstance {
					m.checkField(o, k, false, 1)
				}
				ops[sp-1] = cell(uint16(int16(int8(m.cellAt(o, int(k.cell))))))
				pc += 3
			case jcvm.OpGetfieldBThis:
				k, r := &links[code[pc+1]], loc[0]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != false || o.kind != kindInstance {
					m.checkField(o, k, false, 1)
				}
				ops[sp] = cell(uint16(int16(int8(m.cellAt(o, int(k.cell))))))
				sp++
				pc += 2
			case jcvm.OpGetfieldS:
				k, r := &links[code[pc+1]], ops[sp-1]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != false || o.kind != kindInstance {
					m.checkField(o, k, false, 1)
				}
				ops[sp-1] = cell(m.cellAt(o, int(k.cell)))
				pc += 2
			case jcvm.OpGetfieldSW:
				k, r := &links[int(code[pc+1])<<8|int(code[pc+2])], ops[sp-1]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != false || o.kind != kindInstance {
					m.checkField(o, k, false, 1)
				}
				ops[sp-1] = cell(m.cellAt(o, int(k.cell)))
				pc += 3
			case jcvm.OpGetfieldSThis:
				k, r := &links[code[pc+1]], loc[0]
				o := &m.objects[r.ref()]
				m.checks++
				if o.owner != ctx || !r.isRef() {
					if deny = m.deniedCell(r, Context(ctx)); deny != nil {
						goto raise
					}
				}
				if o.class != k.class || k.isRef != false || o.kind != kindInstance {
					m.checkField(o, k, false, 1)
				}
				ops[sp] = cell(m.cellAt(o, int(k.cell)))
				sp++
				pc += 2
			case jcvm.OpGetfieldI, jcvm.OpGetfieldIW, jcvm.OpGetfieldIThis:
				k, this, n := fieldOperand(links, code, pc, op)
				at := sp - 1
				r := loc0(loc, this)
				if !this {
					r = ops[at]
				} else {
					at = sp
				}
				o, no := m.intField(r, k, Context(ctx))
				if deny = no; deny != nil {
					goto raise
				}
				ops[at+1] = cell(m.cellAt(o, int(k.cell)+1))
				ops[at] = cell(m.cellAt(o, int(k.cell)))
				sp = at + 2
				pc += n
			case jcvm.OpPutfieldI, jcvm.OpPutfieldIW, jcvm.OpPutfieldIThis:
				k, this, n := fieldOperand(links, code, pc, op)
				sp -= 2
				v := intAt(ops, sp)
				r := loc0(loc, this)
				if !this {
					sp--
					r = ops[sp]
				}
				o, no := m.intField(r, k, Context(ctx))
				if deny = no; deny != nil {
					goto raise
				}
				m.setIntAt(o, int(k.cell), v)
				acc = m.acc
				pc += n
			case jcvm.OpPutfieldA, jcvm.OpPutfieldB, jcvm.OpPutfieldS, jcvm.OpPutfieldAW, jcvm.OpPutfieldBW, jcvm.OpPutfieldSW,
				jcvm.OpPutfieldAThis, jcvm.OpPutfieldBThis, jcvm.OpPutfieldSThis:
				k, this, n := fieldOperand(links, code, pc, op)
				sp--
				v := ops[sp]
				r := loc0(loc, this)
				if !this {
					sp--
					r = ops[sp]
				}
				if deny = m.putField(k, op, r, v, Context(ctx)); deny != nil {
					goto raise
				}
				acc = m.acc
				pc += n
			case jcvm.OpInvokevirtual:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				if k.kind != cap.VirtualMethodref {
					panic(trap("invokevirtual of another kind of constant"))
				}
				argAt, length = sp-int(k.method.args), 3
				r := ops[argAt]
				o := &m.objects[r.ref()]
				m.checks++
				next = f.context
				if o.owner != ctx || !r.isRef() {
					if next, deny = m.calledAt(r, next, nil); deny != nil {
						goto raise
					}
				}
				target = m.virtual(o, k)
				goto call
			case jcvm.OpInvokeinterface:
				k := &links[int(code[pc+2])<<8|int(code[pc+3])]
				if k.kind != cap.Classref || !k.class.isInterface {
					panic(trap("invokeinterface of no interface"))
				}
				argAt, length = sp-int(code[pc+1]), 5
				r := ops[argAt]
				o := &m.objects[r.ref()]
				m.checks++
				next = f.context
				if o.owner != ctx || !r.isRef() {
					if next, deny = m.calledAt(r, next, k.class); deny != nil {
						goto raise
					}
				}
				target = m.interfaceTarget(o, k.class, int(code[pc+4]), int(code[pc+1]))
				goto call
			case jcvm.OpInvokespecial:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				if k.kind != cap.StaticMethodref && k.kind != cap.SuperMethodref {
					panic(trap("invokespecial of another kind of constant"))
				}
				target, length, next = k.method, 3, f.context
				argAt = sp - int(target.args)
				if r := ops[argAt]; uint16(r) == 0 {
					deny = m.known.null
					goto raise
				} else if !r.isRef() {
					panic(trap("a number as a reference"))
				}
				goto call
			case jcvm.OpInvokestatic:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				if k.kind != cap.StaticMethodref {
					panic(trap("invokestatic of another kind of constant"))
				}
				target, length, next = k.method, 3, f.context
				argAt = sp - int(target.args)
				goto call
			case jcvm.OpNew:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				ops[sp] = refCell(m.instantiate(k, Context(ctx)))
				acc = m.acc
				sp++
				pc += 3
			case jcvm.OpNewarray:
				t := ArrayType(code[pc+1])
				if t < BooleanArray || t > IntArray {
					panic(trap("newarray of an unknown type"))
				}
				ops[sp-1] = refCell(m.newArray(Context(ctx), t, nil, int16(ops[sp-1]), Persistent))
				acc = m.acc
				pc += 2
			case jcvm.OpAnewarray:
				k := &links[int(code[pc+1])<<8|int(code[pc+2])]
				if k.kind != cap.Classref {
					panic(trap("anewarray of no class"))
				}
				ops[sp-1] = refCell(m.newArray(Context(ctx), ReferenceArray, k.class, int16(ops[sp-1]), Persistent))
				acc = m.acc
				pc += 3
			case jcvm.OpCheckcast, jcvm.OpInstanceof:
				yes, no := m.typeOf(ops[sp-1], code[pc+1], links, int(code[pc+2])<<8|int(code[pc+3]), Context(ctx))
				if deny = no; deny != nil {
					goto raise
				}
				if op == jcvm.OpInstanceof {
					if yes && uint16(ops[sp-1]) != 0 {
						ops[sp-1] = 1
					} else {
						ops[sp-1] = 0
					}
				} else if !yes {
					deny = m.known.cast
					goto raise
				}
				pc += 4
			case jcvm.OpAthrow:
				if deny = m.throwable(ops[sp-1], Context(ctx)); deny != nil {
					goto raise
				}
				m.thrown = ops[sp-1].ref()
				goto throw
			case jcvm.OpAreturn, jcvm.OpSreturn:
				m.returned[0], result = ops[sp-1], 1
				goto leave
			case jcvm.OpIreturn:
				m.returned[0], m.returned[1], result = ops[sp-2], ops[sp-1], 2
				goto leave
			case jcvm.OpReturn:
				result = 0
				goto leave
			default:
				panic(trap("opcode " + op.String()))
			}
			continue
		jump:
			pc += int(int8(code[pc+1]))
			if uint32(acc) > flushAt {
				m.flush()
				acc = m.acc
			}
			continue
		jumpWide:
			pc += int(int16(uint16(code[pc+1])<<8 | uint16(code[pc+2])))
			if uint32(acc) > flushAt {
				m.flush()
				acc = m.acc
			}
		}
	call:
		f.next, f.sp = int32(pc+length), int32(argAt)
		if !m.call(target, int(f.ops)+argAt, next) {
			acc = m.acc
			goto throw
		}
		acc = m.acc
		continue enter
	raise:
		m.thrown = m.own(deny, reason)
	throw:
		if !m.unwind(floor) {
			return runThrew
		}
		acc = m.acc
		continue enter
	leave:
		if m.depth == floor {
			m.leave()
			m.words = result
			return runReturned
		}
		m.leave()
		m.giveResult(result)
	}
}

// observe tells an observer of the instruction that comes.
func (m *Machine) observe(obs observe.Observer, f *frame, op jcvm.Opcode) {
	pending := uint64(uint32(m.acc)) + m.acc>>32 - m.opcode[op]&0xFFFFFFFF - m.opcode[op]>>32
	m.step = observe.Step{Cycle: m.clock.Now() + pending, Package: f.method.pkg.index, PC: uint16(f.pc), Opcode: byte(op),
		Depth: byte(m.depth), Context: byte(f.context)}
	obs.Bytecode(&m.step)
}
