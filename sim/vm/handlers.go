package vm

import "inkan/core/jcvm"

// handlers are the instructions that run leaves to others, by opcode. run does
// the rest; nil for both is no opcode.
var handlers = func() (table [256]handler) {
	for _, group := range handled {
		for _, op := range group.ops {
			table[op] = group.handler
		}
	}
	return table
}()

var handled = []struct {
	handler handler
	ops     []jcvm.Opcode
}{
	{(*Machine).nop, []jcvm.Opcode{jcvm.OpNop}},
	{(*Machine).pop2, []jcvm.Opcode{jcvm.OpPop2}},
	{(*Machine).dup2, []jcvm.Opcode{jcvm.OpDup2}},
	{(*Machine).dupX, []jcvm.Opcode{jcvm.OpDupX}},
	{(*Machine).swapX, []jcvm.Opcode{jcvm.OpSwapX}},

	{(*Machine).shortDivision, []jcvm.Opcode{jcvm.OpSdiv, jcvm.OpSrem}},
	{(*Machine).sushr, []jcvm.Opcode{jcvm.OpSushr}},
	{(*Machine).sneg, []jcvm.Opcode{jcvm.OpSneg}},
	{(*Machine).sincWide, []jcvm.Opcode{jcvm.OpSincW}},

	{(*Machine).iconst, []jcvm.Opcode{jcvm.OpIconstM1, jcvm.OpIconst0, jcvm.OpIconst1, jcvm.OpIconst2, jcvm.OpIconst3, jcvm.OpIconst4, jcvm.OpIconst5}},
	{(*Machine).intPush, []jcvm.Opcode{jcvm.OpBipush, jcvm.OpSipush}},
	{(*Machine).iipush, []jcvm.Opcode{jcvm.OpIipush}},
	{(*Machine).iload, []jcvm.Opcode{jcvm.OpIload}},
	{(*Machine).iloadN, []jcvm.Opcode{jcvm.OpIload0, jcvm.OpIload1, jcvm.OpIload2, jcvm.OpIload3}},
	{(*Machine).istore, []jcvm.Opcode{jcvm.OpIstore}},
	{(*Machine).istoreN, []jcvm.Opcode{jcvm.OpIstore0, jcvm.OpIstore1, jcvm.OpIstore2, jcvm.OpIstore3}},
	{(*Machine).intArithmetic, []jcvm.Opcode{jcvm.OpIadd, jcvm.OpIsub, jcvm.OpImul, jcvm.OpIand, jcvm.OpIor, jcvm.OpIxor, jcvm.OpIshl, jcvm.OpIshr, jcvm.OpIushr}},
	{(*Machine).intDivision, []jcvm.Opcode{jcvm.OpIdiv, jcvm.OpIrem}},
	{(*Machine).ineg, []jcvm.Opcode{jcvm.OpIneg}},
	{(*Machine).icmp, []jcvm.Opcode{jcvm.OpIcmp}},
	{(*Machine).intToShort, []jcvm.Opcode{jcvm.OpI2b, jcvm.OpI2s}},
	{(*Machine).s2i, []jcvm.Opcode{jcvm.OpS2i}},
	{(*Machine).iinc, []jcvm.Opcode{jcvm.OpIinc, jcvm.OpIincW}},

	{(*Machine).ifWide, []jcvm.Opcode{jcvm.OpIfeqW, jcvm.OpIfneW, jcvm.OpIfltW, jcvm.OpIfgeW, jcvm.OpIfgtW, jcvm.OpIfleW, jcvm.OpIfnullW, jcvm.OpIfnonnullW}},
	{(*Machine).ifCompareWide, []jcvm.Opcode{jcvm.OpIfAcmpeqW, jcvm.OpIfAcmpneW, jcvm.OpIfScmpeqW, jcvm.OpIfScmpneW, jcvm.OpIfScmpltW, jcvm.OpIfScmpgeW, jcvm.OpIfScmpgtW, jcvm.OpIfScmpleW}},
	{(*Machine).gotoWide, []jcvm.Opcode{jcvm.OpGotoW}},
	{(*Machine).jsr, []jcvm.Opcode{jcvm.OpJsr}},
	{(*Machine).ret, []jcvm.Opcode{jcvm.OpRet}},
	{(*Machine).shortSwitch, []jcvm.Opcode{jcvm.OpStableswitch, jcvm.OpSlookupswitch}},
	{(*Machine).intSwitch, []jcvm.Opcode{jcvm.OpItableswitch, jcvm.OpIlookupswitch}},

	{(*Machine).baload, []jcvm.Opcode{jcvm.OpBaload}},
	{(*Machine).bastore, []jcvm.Opcode{jcvm.OpBastore}},
	{(*Machine).cellLoad, []jcvm.Opcode{jcvm.OpSaload, jcvm.OpAaload}},
	{(*Machine).sastore, []jcvm.Opcode{jcvm.OpSastore}},
	{(*Machine).aastore, []jcvm.Opcode{jcvm.OpAastore}},
	{(*Machine).iaload, []jcvm.Opcode{jcvm.OpIaload}},
	{(*Machine).iastore, []jcvm.Opcode{jcvm.OpIastore}},
	{(*Machine).arrayLength, []jcvm.Opcode{jcvm.OpArraylength}},

	{(*Machine).getFieldA, []jcvm.Opcode{jcvm.OpGetfieldA, jcvm.OpGetfieldAW, jcvm.OpGetfieldAThis}},
	{(*Machine).getFieldB, []jcvm.Opcode{jcvm.OpGetfieldB, jcvm.OpGetfieldBW, jcvm.OpGetfieldBThis}},
	{(*Machine).getFieldS, []jcvm.Opcode{jcvm.OpGetfieldS, jcvm.OpGetfieldSW, jcvm.OpGetfieldSThis}},
	{(*Machine).getFieldI, []jcvm.Opcode{jcvm.OpGetfieldI, jcvm.OpGetfieldIW, jcvm.OpGetfieldIThis}},
	{(*Machine).putFieldA, []jcvm.Opcode{jcvm.OpPutfieldA, jcvm.OpPutfieldAW, jcvm.OpPutfieldAThis}},
	{(*Machine).putFieldB, []jcvm.Opcode{jcvm.OpPutfieldB, jcvm.OpPutfieldBW, jcvm.OpPutfieldBThis}},
	{(*Machine).putFieldS, []jcvm.Opcode{jcvm.OpPutfieldS, jcvm.OpPutfieldSW, jcvm.OpPutfieldSThis}},
	{(*Machine).putFieldI, []jcvm.Opcode{jcvm.OpPutfieldI, jcvm.OpPutfieldIW, jcvm.OpPutfieldIThis}},
	{(*Machine).getStatic, []jcvm.Opcode{jcvm.OpGetstaticA, jcvm.OpGetstaticB, jcvm.OpGetstaticS, jcvm.OpGetstaticI}},
	{(*Machine).putStatic, []jcvm.Opcode{jcvm.OpPutstaticA, jcvm.OpPutstaticB, jcvm.OpPutstaticS, jcvm.OpPutstaticI}},

	{(*Machine).invokeVirtual, []jcvm.Opcode{jcvm.OpInvokevirtual}},
	{(*Machine).invokeInterface, []jcvm.Opcode{jcvm.OpInvokeinterface}},
	{(*Machine).invokeSpecial, []jcvm.Opcode{jcvm.OpInvokespecial}},
	{(*Machine).invokeStatic, []jcvm.Opcode{jcvm.OpInvokestatic}},
	{(*Machine).newInstance, []jcvm.Opcode{jcvm.OpNew}},
	{(*Machine).newPrimitives, []jcvm.Opcode{jcvm.OpNewarray}},
	{(*Machine).newReferences, []jcvm.Opcode{jcvm.OpAnewarray}},
	{(*Machine).checkCast, []jcvm.Opcode{jcvm.OpCheckcast}},
	{(*Machine).instanceOf, []jcvm.Opcode{jcvm.OpInstanceof}},
	{(*Machine).athrow, []jcvm.Opcode{jcvm.OpAthrow}},
}
