package classfile

import "fmt"

// Opcode is the first byte of an instruction of the Java virtual machine.
type Opcode byte

// Opcodes by their numbers (JVMS §6.5).
const (
	OpNop             Opcode = iota // 00 nop
	OpAconstNull                    // 01 aconst_null
	OpIconstM1                      // 02 iconst_m1
	OpIconst0                       // 03 iconst_0
	OpIconst1                       // 04 iconst_1
	OpIconst2                       // 05 iconst_2
	OpIconst3                       // 06 iconst_3
	OpIconst4                       // 07 iconst_4
	OpIconst5                       // 08 iconst_5
	OpLconst0                       // 09 lconst_0
	OpLconst1                       // 0A lconst_1
	OpFconst0                       // 0B fconst_0
	OpFconst1                       // 0C fconst_1
	OpFconst2                       // 0D fconst_2
	OpDconst0                       // 0E dconst_0
	OpDconst1                       // 0F dconst_1
	OpBipush                        // 10 bipush
	OpSipush                        // 11 sipush
	OpLdc                           // 12 ldc
	OpLdcW                          // 13 ldc_w
	OpLdc2W                         // 14 ldc2_w
	OpIload                         // 15 iload
	OpLload                         // 16 lload
	OpFload                         // 17 fload
	OpDload                         // 18 dload
	OpAload                         // 19 aload
	OpIload0                        // 1A iload_0
	OpIload1                        // 1B iload_1
	OpIload2                        // 1C iload_2
	OpIload3                        // 1D iload_3
	OpLload0                        // 1E lload_0
	OpLload1                        // 1F lload_1
	OpLload2                        // 20 lload_2
	OpLload3                        // 21 lload_3
	OpFload0                        // 22 fload_0
	OpFload1                        // 23 fload_1
	OpFload2                        // 24 fload_2
	OpFload3                        // 25 fload_3
	OpDload0                        // 26 dload_0
	OpDload1                        // 27 dload_1
	OpDload2                        // 28 dload_2
	OpDload3                        // 29 dload_3
	OpAload0                        // 2A aload_0
	OpAload1                        // 2B aload_1
	OpAload2                        // 2C aload_2
	OpAload3                        // 2D aload_3
	OpIaload                        // 2E iaload
	OpLaload                        // 2F laload
	OpFaload                        // 30 faload
	OpDaload                        // 31 daload
	OpAaload                        // 32 aaload
	OpBaload                        // 33 baload
	OpCaload                        // 34 caload
	OpSaload                        // 35 saload
	OpIstore                        // 36 istore
	OpLstore                        // 37 lstore
	OpFstore                        // 38 fstore
	OpDstore                        // 39 dstore
	OpAstore                        // 3A astore
	OpIstore0                       // 3B istore_0
	OpIstore1                       // 3C istore_1
	OpIstore2                       // 3D istore_2
	OpIstore3                       // 3E istore_3
	OpLstore0                       // 3F lstore_0
	OpLstore1                       // 40 lstore_1
	OpLstore2                       // 41 lstore_2
	OpLstore3                       // 42 lstore_3
	OpFstore0                       // 43 fstore_0
	OpFstore1                       // 44 fstore_1
	OpFstore2                       // 45 fstore_2
	OpFstore3                       // 46 fstore_3
	OpDstore0                       // 47 dstore_0
	OpDstore1                       // 48 dstore_1
	OpDstore2                       // 49 dstore_2
	OpDstore3                       // 4A dstore_3
	OpAstore0                       // 4B astore_0
	OpAstore1                       // 4C astore_1
	OpAstore2                       // 4D astore_2
	OpAstore3                       // 4E astore_3
	OpIastore                       // 4F iastore
	OpLastore                       // 50 lastore
	OpFastore                       // 51 fastore
	OpDastore                       // 52 dastore
	OpAastore                       // 53 aastore
	OpBastore                       // 54 bastore
	OpCastore                       // 55 castore
	OpSastore                       // 56 sastore
	OpPop                           // 57 pop
	OpPop2                          // 58 pop2
	OpDup                           // 59 dup
	OpDupX1                         // 5A dup_x1
	OpDupX2                         // 5B dup_x2
	OpDup2                          // 5C dup2
	OpDup2X1                        // 5D dup2_x1
	OpDup2X2                        // 5E dup2_x2
	OpSwap                          // 5F swap
	OpIadd                          // 60 iadd
	OpLadd                          // 61 ladd
	OpFadd                          // 62 fadd
	OpDadd                          // 63 dadd
	OpIsub                          // 64 isub
	OpLsub                          // 65 lsub
	OpFsub                          // 66 fsub
	OpDsub                          // 67 dsub
	OpImul                          // 68 imul
	OpLmul                          // 69 lmul
	OpFmul                          // 6A fmul
	OpDmul                          // 6B dmul
	OpIdiv                          // 6C idiv
	OpLdiv                          // 6D ldiv
	OpFdiv                          // 6E fdiv
	OpDdiv                          // 6F ddiv
	OpIrem                          // 70 irem
	OpLrem                          // 71 lrem
	OpFrem                          // 72 frem
	OpDrem                          // 73 drem
	OpIneg                          // 74 ineg
	OpLneg                          // 75 lneg
	OpFneg                          // 76 fneg
	OpDneg                          // 77 dneg
	OpIshl                          // 78 ishl
	OpLshl                          // 79 lshl
	OpIshr                          // 7A ishr
	OpLshr                          // 7B lshr
	OpIushr                         // 7C iushr
	OpLushr                         // 7D lushr
	OpIand                          // 7E iand
	OpLand                          // 7F land
	OpIor                           // 80 ior
	OpLor                           // 81 lor
	OpIxor                          // 82 ixor
	OpLxor                          // 83 lxor
	OpIinc                          // 84 iinc
	OpI2l                           // 85 i2l
	OpI2f                           // 86 i2f
	OpI2d                           // 87 i2d
	OpL2i                           // 88 l2i
	OpL2f                           // 89 l2f
	OpL2d                           // 8A l2d
	OpF2i                           // 8B f2i
	OpF2l                           // 8C f2l
	OpF2d                           // 8D f2d
	OpD2i                           // 8E d2i
	OpD2l                           // 8F d2l
	OpD2f                           // 90 d2f
	OpI2b                           // 91 i2b
	OpI2c                           // 92 i2c
	OpI2s                           // 93 i2s
	OpLcmp                          // 94 lcmp
	OpFcmpl                         // 95 fcmpl
	OpFcmpg                         // 96 fcmpg
	OpDcmpl                         // 97 dcmpl
	OpDcmpg                         // 98 dcmpg
	OpIfeq                          // 99 ifeq
	OpIfne                          // 9A ifne
	OpIflt                          // 9B iflt
	OpIfge                          // 9C ifge
	OpIfgt                          // 9D ifgt
	OpIfle                          // 9E ifle
	OpIfIcmpeq                      // 9F if_icmpeq
	OpIfIcmpne                      // A0 if_icmpne
	OpIfIcmplt                      // A1 if_icmplt
	OpIfIcmpge                      // A2 if_icmpge
	OpIfIcmpgt                      // A3 if_icmpgt
	OpIfIcmple                      // A4 if_icmple
	OpIfAcmpeq                      // A5 if_acmpeq
	OpIfAcmpne                      // A6 if_acmpne
	OpGoto                          // A7 goto
	OpJsr                           // A8 jsr
	OpRet                           // A9 ret
	OpTableswitch                   // AA tableswitch
	OpLookupswitch                  // AB lookupswitch
	OpIreturn                       // AC ireturn
	OpLreturn                       // AD lreturn
	OpFreturn                       // AE freturn
	OpDreturn                       // AF dreturn
	OpAreturn                       // B0 areturn
	OpReturn                        // B1 return
	OpGetstatic                     // B2 getstatic
	OpPutstatic                     // B3 putstatic
	OpGetfield                      // B4 getfield
	OpPutfield                      // B5 putfield
	OpInvokevirtual                 // B6 invokevirtual
	OpInvokespecial                 // B7 invokespecial
	OpInvokestatic                  // B8 invokestatic
	OpInvokeinterface               // B9 invokeinterface
	OpInvokedynamic                 // BA invokedynamic
	OpNew                           // BB new
	OpNewarray                      // BC newarray
	OpAnewarray                     // BD anewarray
	OpArraylength                   // BE arraylength
	OpAthrow                        // BF athrow
	OpCheckcast                     // C0 checkcast
	OpInstanceof                    // C1 instanceof
	OpMonitorenter                  // C2 monitorenter
	OpMonitorexit                   // C3 monitorexit
	OpWide                          // C4 wide
	OpMultianewarray                // C5 multianewarray
	OpIfnull                        // C6 ifnull
	OpIfnonnull                     // C7 ifnonnull
	OpGotoW                         // C8 goto_w
	OpJsrW                          // C9 jsr_w
)

// String is the mnemonic.
func (op Opcode) String() string {
	if int(op) < len(mnemonics) {
		return mnemonics[op]
	}
	return fmt.Sprintf("undefined_%02x", byte(op))
}

var mnemonics = [...]string{
	"nop", "aconst_null", "iconst_m1", "iconst_0", "iconst_1", "iconst_2", "iconst_3", "iconst_4",
	"iconst_5", "lconst_0", "lconst_1", "fconst_0", "fconst_1", "fconst_2", "dconst_0", "dconst_1",
	"bipush", "sipush", "ldc", "ldc_w", "ldc2_w", "iload", "lload", "fload",
	"dload", "aload", "iload_0", "iload_1", "iload_2", "iload_3", "lload_0", "lload_1",
	"lload_2", "lload_3", "fload_0", "fload_1", "fload_2", "fload_3", "dload_0", "dload_1",
	"dload_2", "dload_3", "aload_0", "aload_1", "aload_2", "aload_3", "iaload", "laload",
	"faload", "daload", "aaload", "baload", "caload", "saload", "istore", "lstore",
	"fstore", "dstore", "astore", "istore_0", "istore_1", "istore_2", "istore_3", "lstore_0",
	"lstore_1", "lstore_2", "lstore_3", "fstore_0", "fstore_1", "fstore_2", "fstore_3", "dstore_0",
	"dstore_1", "dstore_2", "dstore_3", "astore_0", "astore_1", "astore_2", "astore_3", "iastore",
	"lastore", "fastore", "dastore", "aastore", "bastore", "castore", "sastore", "pop",
	"pop2", "dup", "dup_x1", "dup_x2", "dup2", "dup2_x1", "dup2_x2", "swap",
	"iadd", "ladd", "fadd", "dadd", "isub", "lsub", "fsub", "dsub",
	"imul", "lmul", "fmul", "dmul", "idiv", "ldiv", "fdiv", "ddiv",
	"irem", "lrem", "frem", "drem", "ineg", "lneg", "fneg", "dneg",
	"ishl", "lshl", "ishr", "lshr", "iushr", "lushr", "iand", "land",
	"ior", "lor", "ixor", "lxor", "iinc", "i2l", "i2f", "i2d",
	"l2i", "l2f", "l2d", "f2i", "f2l", "f2d", "d2i", "d2l",
	"d2f", "i2b", "i2c", "i2s", "lcmp", "fcmpl", "fcmpg", "dcmpl",
	"dcmpg", "ifeq", "ifne", "iflt", "ifge", "ifgt", "ifle", "if_icmpeq",
	"if_icmpne", "if_icmplt", "if_icmpge", "if_icmpgt", "if_icmple", "if_acmpeq", "if_acmpne", "goto",
	"jsr", "ret", "tableswitch", "lookupswitch", "ireturn", "lreturn", "freturn", "dreturn",
	"areturn", "return", "getstatic", "putstatic", "getfield", "putfield", "invokevirtual", "invokespecial",
	"invokestatic", "invokeinterface", "invokedynamic", "new", "newarray", "anewarray", "arraylength", "athrow",
	"checkcast", "instanceof", "monitorenter", "monitorexit", "wide", "multianewarray", "ifnull", "ifnonnull",
	"goto_w", "jsr_w",
}

// kind is how an instruction's operands follow the opcode.
type kind byte

const (
	kindNone kind = iota
	kindShortLocal
	kindLocal
	kindByte
	kindShort
	kindIinc
	kindBranch
	kindBranchW
	kindLdc
	kindConstant
	kindTable
	kindLookup
	kindWide
)

var kinds = [...]kind{
	OpBipush:          kindByte,
	OpSipush:          kindShort,
	OpLdc:             kindLdc,
	OpLdcW:            kindLdc,
	OpLdc2W:           kindLdc,
	OpIload:           kindLocal,
	OpLload:           kindLocal,
	OpFload:           kindLocal,
	OpDload:           kindLocal,
	OpAload:           kindLocal,
	OpIload0:          kindShortLocal,
	OpIload1:          kindShortLocal,
	OpIload2:          kindShortLocal,
	OpIload3:          kindShortLocal,
	OpLload0:          kindShortLocal,
	OpLload1:          kindShortLocal,
	OpLload2:          kindShortLocal,
	OpLload3:          kindShortLocal,
	OpFload0:          kindShortLocal,
	OpFload1:          kindShortLocal,
	OpFload2:          kindShortLocal,
	OpFload3:          kindShortLocal,
	OpDload0:          kindShortLocal,
	OpDload1:          kindShortLocal,
	OpDload2:          kindShortLocal,
	OpDload3:          kindShortLocal,
	OpAload0:          kindShortLocal,
	OpAload1:          kindShortLocal,
	OpAload2:          kindShortLocal,
	OpAload3:          kindShortLocal,
	OpIstore:          kindLocal,
	OpLstore:          kindLocal,
	OpFstore:          kindLocal,
	OpDstore:          kindLocal,
	OpAstore:          kindLocal,
	OpIstore0:         kindShortLocal,
	OpIstore1:         kindShortLocal,
	OpIstore2:         kindShortLocal,
	OpIstore3:         kindShortLocal,
	OpLstore0:         kindShortLocal,
	OpLstore1:         kindShortLocal,
	OpLstore2:         kindShortLocal,
	OpLstore3:         kindShortLocal,
	OpFstore0:         kindShortLocal,
	OpFstore1:         kindShortLocal,
	OpFstore2:         kindShortLocal,
	OpFstore3:         kindShortLocal,
	OpDstore0:         kindShortLocal,
	OpDstore1:         kindShortLocal,
	OpDstore2:         kindShortLocal,
	OpDstore3:         kindShortLocal,
	OpAstore0:         kindShortLocal,
	OpAstore1:         kindShortLocal,
	OpAstore2:         kindShortLocal,
	OpAstore3:         kindShortLocal,
	OpIinc:            kindIinc,
	OpIfeq:            kindBranch,
	OpIfne:            kindBranch,
	OpIflt:            kindBranch,
	OpIfge:            kindBranch,
	OpIfgt:            kindBranch,
	OpIfle:            kindBranch,
	OpIfIcmpeq:        kindBranch,
	OpIfIcmpne:        kindBranch,
	OpIfIcmplt:        kindBranch,
	OpIfIcmpge:        kindBranch,
	OpIfIcmpgt:        kindBranch,
	OpIfIcmple:        kindBranch,
	OpIfAcmpeq:        kindBranch,
	OpIfAcmpne:        kindBranch,
	OpGoto:            kindBranch,
	OpJsr:             kindBranch,
	OpRet:             kindLocal,
	OpTableswitch:     kindTable,
	OpLookupswitch:    kindLookup,
	OpGetstatic:       kindConstant,
	OpPutstatic:       kindConstant,
	OpGetfield:        kindConstant,
	OpPutfield:        kindConstant,
	OpInvokevirtual:   kindConstant,
	OpInvokespecial:   kindConstant,
	OpInvokestatic:    kindConstant,
	OpInvokeinterface: kindConstant,
	OpInvokedynamic:   kindConstant,
	OpNew:             kindConstant,
	OpNewarray:        kindByte,
	OpAnewarray:       kindConstant,
	OpCheckcast:       kindConstant,
	OpInstanceof:      kindConstant,
	OpWide:            kindWide,
	OpMultianewarray:  kindConstant,
	OpIfnull:          kindBranch,
	OpIfnonnull:       kindBranch,
	OpGotoW:           kindBranchW,
	OpJsrW:            kindBranchW,
	OpJsrW + 1:        kindNone, // so that every byte up to it can be looked up
}
