package jcvm

// Opcodes, in the order of their codes (JCVM 3.0.5 §7.6).
const (
	OpNop             Opcode = iota // 00 nop
	OpAconstNull                    // 01 aconst_null
	OpSconstM1                      // 02 sconst_m1
	OpSconst0                       // 03 sconst_0
	OpSconst1                       // 04 sconst_1
	OpSconst2                       // 05 sconst_2
	OpSconst3                       // 06 sconst_3
	OpSconst4                       // 07 sconst_4
	OpSconst5                       // 08 sconst_5
	OpIconstM1                      // 09 iconst_m1
	OpIconst0                       // 0A iconst_0
	OpIconst1                       // 0B iconst_1
	OpIconst2                       // 0C iconst_2
	OpIconst3                       // 0D iconst_3
	OpIconst4                       // 0E iconst_4
	OpIconst5                       // 0F iconst_5
	OpBspush                        // 10 bspush
	OpSspush                        // 11 sspush
	OpBipush                        // 12 bipush
	OpSipush                        // 13 sipush
	OpIipush                        // 14 iipush
	OpAload                         // 15 aload
	OpSload                         // 16 sload
	OpIload                         // 17 iload
	OpAload0                        // 18 aload_0
	OpAload1                        // 19 aload_1
	OpAload2                        // 1A aload_2
	OpAload3                        // 1B aload_3
	OpSload0                        // 1C sload_0
	OpSload1                        // 1D sload_1
	OpSload2                        // 1E sload_2
	OpSload3                        // 1F sload_3
	OpIload0                        // 20 iload_0
	OpIload1                        // 21 iload_1
	OpIload2                        // 22 iload_2
	OpIload3                        // 23 iload_3
	OpAaload                        // 24 aaload
	OpBaload                        // 25 baload
	OpSaload                        // 26 saload
	OpIaload                        // 27 iaload
	OpAstore                        // 28 astore
	OpSstore                        // 29 sstore
	OpIstore                        // 2A istore
	OpAstore0                       // 2B astore_0
	OpAstore1                       // 2C astore_1
	OpAstore2                       // 2D astore_2
	OpAstore3                       // 2E astore_3
	OpSstore0                       // 2F sstore_0
	OpSstore1                       // 30 sstore_1
	OpSstore2                       // 31 sstore_2
	OpSstore3                       // 32 sstore_3
	OpIstore0                       // 33 istore_0
	OpIstore1                       // 34 istore_1
	OpIstore2                       // 35 istore_2
	OpIstore3                       // 36 istore_3
	OpAastore                       // 37 aastore
	OpBastore                       // 38 bastore
	OpSastore                       // 39 sastore
	OpIastore                       // 3A iastore
	OpPop                           // 3B pop
	OpPop2                          // 3C pop2
	OpDup                           // 3D dup
	OpDup2                          // 3E dup2
	OpDupX                          // 3F dup_x
	OpSwapX                         // 40 swap_x
	OpSadd                          // 41 sadd
	OpIadd                          // 42 iadd
	OpSsub                          // 43 ssub
	OpIsub                          // 44 isub
	OpSmul                          // 45 smul
	OpImul                          // 46 imul
	OpSdiv                          // 47 sdiv
	OpIdiv                          // 48 idiv
	OpSrem                          // 49 srem
	OpIrem                          // 4A irem
	OpSneg                          // 4B sneg
	OpIneg                          // 4C ineg
	OpSshl                          // 4D sshl
	OpIshl                          // 4E ishl
	OpSshr                          // 4F sshr
	OpIshr                          // 50 ishr
	OpSushr                         // 51 sushr
	OpIushr                         // 52 iushr
	OpSand                          // 53 sand
	OpIand                          // 54 iand
	OpSor                           // 55 sor
	OpIor                           // 56 ior
	OpSxor                          // 57 sxor
	OpIxor                          // 58 ixor
	OpSinc                          // 59 sinc
	OpIinc                          // 5A iinc
	OpS2b                           // 5B s2b
	OpS2i                           // 5C s2i
	OpI2b                           // 5D i2b
	OpI2s                           // 5E i2s
	OpIcmp                          // 5F icmp
	OpIfeq                          // 60 ifeq
	OpIfne                          // 61 ifne
	OpIflt                          // 62 iflt
	OpIfge                          // 63 ifge
	OpIfgt                          // 64 ifgt
	OpIfle                          // 65 ifle
	OpIfnull                        // 66 ifnull
	OpIfnonnull                     // 67 ifnonnull
	OpIfAcmpeq                      // 68 if_acmpeq
	OpIfAcmpne                      // 69 if_acmpne
	OpIfScmpeq                      // 6A if_scmpeq
	OpIfScmpne                      // 6B if_scmpne
	OpIfScmplt                      // 6C if_scmplt
	OpIfScmpge                      // 6D if_scmpge
	OpIfScmpgt                      // 6E if_scmpgt
	OpIfScmple                      // 6F if_scmple
	OpGoto                          // 70 goto
	OpJsr                           // 71 jsr
	OpRet                           // 72 ret
	OpStableswitch                  // 73 stableswitch
	OpItableswitch                  // 74 itableswitch
	OpSlookupswitch                 // 75 slookupswitch
	OpIlookupswitch                 // 76 ilookupswitch
	OpAreturn                       // 77 areturn
	OpSreturn                       // 78 sreturn
	OpIreturn                       // 79 ireturn
	OpReturn                        // 7A return
	OpGetstaticA                    // 7B getstatic_a
	OpGetstaticB                    // 7C getstatic_b
	OpGetstaticS                    // 7D getstatic_s
	OpGetstaticI                    // 7E getstatic_i
	OpPutstaticA                    // 7F putstatic_a
	OpPutstaticB                    // 80 putstatic_b
	OpPutstaticS                    // 81 putstatic_s
	OpPutstaticI                    // 82 putstatic_i
	OpGetfieldA                     // 83 getfield_a
	OpGetfieldB                     // 84 getfield_b
	OpGetfieldS                     // 85 getfield_s
	OpGetfieldI                     // 86 getfield_i
	OpPutfieldA                     // 87 putfield_a
	OpPutfieldB                     // 88 putfield_b
	OpPutfieldS                     // 89 putfield_s
	OpPutfieldI                     // 8A putfield_i
	OpInvokevirtual                 // 8B invokevirtual
	OpInvokespecial                 // 8C invokespecial
	OpInvokestatic                  // 8D invokestatic
	OpInvokeinterface               // 8E invokeinterface
	OpNew                           // 8F new
	OpNewarray                      // 90 newarray
	OpAnewarray                     // 91 anewarray
	OpArraylength                   // 92 arraylength
	OpAthrow                        // 93 athrow
	OpCheckcast                     // 94 checkcast
	OpInstanceof                    // 95 instanceof
	OpSincW                         // 96 sinc_w
	OpIincW                         // 97 iinc_w
	OpIfeqW                         // 98 ifeq_w
	OpIfneW                         // 99 ifne_w
	OpIfltW                         // 9A iflt_w
	OpIfgeW                         // 9B ifge_w
	OpIfgtW                         // 9C ifgt_w
	OpIfleW                         // 9D ifle_w
	OpIfnullW                       // 9E ifnull_w
	OpIfnonnullW                    // 9F ifnonnull_w
	OpIfAcmpeqW                     // A0 if_acmpeq_w
	OpIfAcmpneW                     // A1 if_acmpne_w
	OpIfScmpeqW                     // A2 if_scmpeq_w
	OpIfScmpneW                     // A3 if_scmpne_w
	OpIfScmpltW                     // A4 if_scmplt_w
	OpIfScmpgeW                     // A5 if_scmpge_w
	OpIfScmpgtW                     // A6 if_scmpgt_w
	OpIfScmpleW                     // A7 if_scmple_w
	OpGotoW                         // A8 goto_w
	OpGetfieldAW                    // A9 getfield_a_w
	OpGetfieldBW                    // AA getfield_b_w
	OpGetfieldSW                    // AB getfield_s_w
	OpGetfieldIW                    // AC getfield_i_w
	OpGetfieldAThis                 // AD getfield_a_this
	OpGetfieldBThis                 // AE getfield_b_this
	OpGetfieldSThis                 // AF getfield_s_this
	OpGetfieldIThis                 // B0 getfield_i_this
	OpPutfieldAW                    // B1 putfield_a_w
	OpPutfieldBW                    // B2 putfield_b_w
	OpPutfieldSW                    // B3 putfield_s_w
	OpPutfieldIW                    // B4 putfield_i_w
	OpPutfieldAThis                 // B5 putfield_a_this
	OpPutfieldBThis                 // B6 putfield_b_this
	OpPutfieldSThis                 // B7 putfield_s_this
	OpPutfieldIThis                 // B8 putfield_i_this
)

// instructions is the instruction set: mnemonic, operand layout and role, and
// the words popped and pushed. Index is the opcode.
var instructions = [OpcodeCount]Instruction{
	OpNop:             {"nop", LayoutNone, NoOperand, "", ""},
	OpAconstNull:      {"aconst_null", LayoutNone, NoOperand, "", "a"},
	OpSconstM1:        {"sconst_m1", LayoutNone, NoOperand, "", "s"},
	OpSconst0:         {"sconst_0", LayoutNone, NoOperand, "", "s"},
	OpSconst1:         {"sconst_1", LayoutNone, NoOperand, "", "s"},
	OpSconst2:         {"sconst_2", LayoutNone, NoOperand, "", "s"},
	OpSconst3:         {"sconst_3", LayoutNone, NoOperand, "", "s"},
	OpSconst4:         {"sconst_4", LayoutNone, NoOperand, "", "s"},
	OpSconst5:         {"sconst_5", LayoutNone, NoOperand, "", "s"},
	OpIconstM1:        {"iconst_m1", LayoutNone, NoOperand, "", "i"},
	OpIconst0:         {"iconst_0", LayoutNone, NoOperand, "", "i"},
	OpIconst1:         {"iconst_1", LayoutNone, NoOperand, "", "i"},
	OpIconst2:         {"iconst_2", LayoutNone, NoOperand, "", "i"},
	OpIconst3:         {"iconst_3", LayoutNone, NoOperand, "", "i"},
	OpIconst4:         {"iconst_4", LayoutNone, NoOperand, "", "i"},
	OpIconst5:         {"iconst_5", LayoutNone, NoOperand, "", "i"},
	OpBspush:          {"bspush", LayoutS1, Immediate, "", "s"},
	OpSspush:          {"sspush", LayoutS2, Immediate, "", "s"},
	OpBipush:          {"bipush", LayoutS1, Immediate, "", "i"},
	OpSipush:          {"sipush", LayoutS2, Immediate, "", "i"},
	OpIipush:          {"iipush", LayoutS4, Immediate, "", "i"},
	OpAload:           {"aload", LayoutU1, Local, "", "a"},
	OpSload:           {"sload", LayoutU1, Local, "", "s"},
	OpIload:           {"iload", LayoutU1, Local, "", "i"},
	OpAload0:          {"aload_0", LayoutNone, NoOperand, "", "a"},
	OpAload1:          {"aload_1", LayoutNone, NoOperand, "", "a"},
	OpAload2:          {"aload_2", LayoutNone, NoOperand, "", "a"},
	OpAload3:          {"aload_3", LayoutNone, NoOperand, "", "a"},
	OpSload0:          {"sload_0", LayoutNone, NoOperand, "", "s"},
	OpSload1:          {"sload_1", LayoutNone, NoOperand, "", "s"},
	OpSload2:          {"sload_2", LayoutNone, NoOperand, "", "s"},
	OpSload3:          {"sload_3", LayoutNone, NoOperand, "", "s"},
	OpIload0:          {"iload_0", LayoutNone, NoOperand, "", "i"},
	OpIload1:          {"iload_1", LayoutNone, NoOperand, "", "i"},
	OpIload2:          {"iload_2", LayoutNone, NoOperand, "", "i"},
	OpIload3:          {"iload_3", LayoutNone, NoOperand, "", "i"},
	OpAaload:          {"aaload", LayoutNone, NoOperand, "as", "a"},
	OpBaload:          {"baload", LayoutNone, NoOperand, "as", "s"},
	OpSaload:          {"saload", LayoutNone, NoOperand, "as", "s"},
	OpIaload:          {"iaload", LayoutNone, NoOperand, "as", "i"},
	OpAstore:          {"astore", LayoutU1, Local, "x", ""},
	OpSstore:          {"sstore", LayoutU1, Local, "s", ""},
	OpIstore:          {"istore", LayoutU1, Local, "i", ""},
	OpAstore0:         {"astore_0", LayoutNone, NoOperand, "x", ""},
	OpAstore1:         {"astore_1", LayoutNone, NoOperand, "x", ""},
	OpAstore2:         {"astore_2", LayoutNone, NoOperand, "x", ""},
	OpAstore3:         {"astore_3", LayoutNone, NoOperand, "x", ""},
	OpSstore0:         {"sstore_0", LayoutNone, NoOperand, "s", ""},
	OpSstore1:         {"sstore_1", LayoutNone, NoOperand, "s", ""},
	OpSstore2:         {"sstore_2", LayoutNone, NoOperand, "s", ""},
	OpSstore3:         {"sstore_3", LayoutNone, NoOperand, "s", ""},
	OpIstore0:         {"istore_0", LayoutNone, NoOperand, "i", ""},
	OpIstore1:         {"istore_1", LayoutNone, NoOperand, "i", ""},
	OpIstore2:         {"istore_2", LayoutNone, NoOperand, "i", ""},
	OpIstore3:         {"istore_3", LayoutNone, NoOperand, "i", ""},
	OpAastore:         {"aastore", LayoutNone, NoOperand, "asa", ""},
	OpBastore:         {"bastore", LayoutNone, NoOperand, "ass", ""},
	OpSastore:         {"sastore", LayoutNone, NoOperand, "ass", ""},
	OpIastore:         {"iastore", LayoutNone, NoOperand, "asi", ""},
	OpPop:             {"pop", LayoutNone, NoOperand, "w", ""},
	OpPop2:            {"pop2", LayoutNone, NoOperand, "ww", ""},
	OpDup:             {"dup", LayoutNone, NoOperand, "*", "*"},
	OpDup2:            {"dup2", LayoutNone, NoOperand, "*", "*"},
	OpDupX:            {"dup_x", LayoutU1, WordCounts, "*", "*"},
	OpSwapX:           {"swap_x", LayoutU1, WordCounts, "*", "*"},
	OpSadd:            {"sadd", LayoutNone, NoOperand, "ss", "s"},
	OpIadd:            {"iadd", LayoutNone, NoOperand, "ii", "i"},
	OpSsub:            {"ssub", LayoutNone, NoOperand, "ss", "s"},
	OpIsub:            {"isub", LayoutNone, NoOperand, "ii", "i"},
	OpSmul:            {"smul", LayoutNone, NoOperand, "ss", "s"},
	OpImul:            {"imul", LayoutNone, NoOperand, "ii", "i"},
	OpSdiv:            {"sdiv", LayoutNone, NoOperand, "ss", "s"},
	OpIdiv:            {"idiv", LayoutNone, NoOperand, "ii", "i"},
	OpSrem:            {"srem", LayoutNone, NoOperand, "ss", "s"},
	OpIrem:            {"irem", LayoutNone, NoOperand, "ii", "i"},
	OpSneg:            {"sneg", LayoutNone, NoOperand, "s", "s"},
	OpIneg:            {"ineg", LayoutNone, NoOperand, "i", "i"},
	OpSshl:            {"sshl", LayoutNone, NoOperand, "ss", "s"},
	OpIshl:            {"ishl", LayoutNone, NoOperand, "ii", "i"},
	OpSshr:            {"sshr", LayoutNone, NoOperand, "ss", "s"},
	OpIshr:            {"ishr", LayoutNone, NoOperand, "ii", "i"},
	OpSushr:           {"sushr", LayoutNone, NoOperand, "ss", "s"},
	OpIushr:           {"iushr", LayoutNone, NoOperand, "ii", "i"},
	OpSand:            {"sand", LayoutNone, NoOperand, "ss", "s"},
	OpIand:            {"iand", LayoutNone, NoOperand, "ii", "i"},
	OpSor:             {"sor", LayoutNone, NoOperand, "ss", "s"},
	OpIor:             {"ior", LayoutNone, NoOperand, "ii", "i"},
	OpSxor:            {"sxor", LayoutNone, NoOperand, "ss", "s"},
	OpIxor:            {"ixor", LayoutNone, NoOperand, "ii", "i"},
	OpSinc:            {"sinc", LayoutU1S1, LocalAndImmediate, "", ""},
	OpIinc:            {"iinc", LayoutU1S1, LocalAndImmediate, "", ""},
	OpS2b:             {"s2b", LayoutNone, NoOperand, "s", "s"},
	OpS2i:             {"s2i", LayoutNone, NoOperand, "s", "i"},
	OpI2b:             {"i2b", LayoutNone, NoOperand, "i", "s"},
	OpI2s:             {"i2s", LayoutNone, NoOperand, "i", "s"},
	OpIcmp:            {"icmp", LayoutNone, NoOperand, "ii", "s"},
	OpIfeq:            {"ifeq", LayoutS1, Branch, "s", ""},
	OpIfne:            {"ifne", LayoutS1, Branch, "s", ""},
	OpIflt:            {"iflt", LayoutS1, Branch, "s", ""},
	OpIfge:            {"ifge", LayoutS1, Branch, "s", ""},
	OpIfgt:            {"ifgt", LayoutS1, Branch, "s", ""},
	OpIfle:            {"ifle", LayoutS1, Branch, "s", ""},
	OpIfnull:          {"ifnull", LayoutS1, Branch, "a", ""},
	OpIfnonnull:       {"ifnonnull", LayoutS1, Branch, "a", ""},
	OpIfAcmpeq:        {"if_acmpeq", LayoutS1, Branch, "aa", ""},
	OpIfAcmpne:        {"if_acmpne", LayoutS1, Branch, "aa", ""},
	OpIfScmpeq:        {"if_scmpeq", LayoutS1, Branch, "ss", ""},
	OpIfScmpne:        {"if_scmpne", LayoutS1, Branch, "ss", ""},
	OpIfScmplt:        {"if_scmplt", LayoutS1, Branch, "ss", ""},
	OpIfScmpge:        {"if_scmpge", LayoutS1, Branch, "ss", ""},
	OpIfScmpgt:        {"if_scmpgt", LayoutS1, Branch, "ss", ""},
	OpIfScmple:        {"if_scmple", LayoutS1, Branch, "ss", ""},
	OpGoto:            {"goto", LayoutS1, Branch, "", ""},
	OpJsr:             {"jsr", LayoutS2, Branch, "", "r"},
	OpRet:             {"ret", LayoutU1, Local, "", ""},
	OpStableswitch:    {"stableswitch", LayoutSwitch, Switch, "s", ""},
	OpItableswitch:    {"itableswitch", LayoutSwitch, Switch, "i", ""},
	OpSlookupswitch:   {"slookupswitch", LayoutSwitch, Switch, "s", ""},
	OpIlookupswitch:   {"ilookupswitch", LayoutSwitch, Switch, "i", ""},
	OpAreturn:         {"areturn", LayoutNone, NoOperand, "a", ""},
	OpSreturn:         {"sreturn", LayoutNone, NoOperand, "s", ""},
	OpIreturn:         {"ireturn", LayoutNone, NoOperand, "i", ""},
	OpReturn:          {"return", LayoutNone, NoOperand, "", ""},
	OpGetstaticA:      {"getstatic_a", LayoutU2, StaticField, "", "a"},
	OpGetstaticB:      {"getstatic_b", LayoutU2, StaticField, "", "s"},
	OpGetstaticS:      {"getstatic_s", LayoutU2, StaticField, "", "s"},
	OpGetstaticI:      {"getstatic_i", LayoutU2, StaticField, "", "i"},
	OpPutstaticA:      {"putstatic_a", LayoutU2, StaticField, "a", ""},
	OpPutstaticB:      {"putstatic_b", LayoutU2, StaticField, "s", ""},
	OpPutstaticS:      {"putstatic_s", LayoutU2, StaticField, "s", ""},
	OpPutstaticI:      {"putstatic_i", LayoutU2, StaticField, "i", ""},
	OpGetfieldA:       {"getfield_a", LayoutU1, InstanceField, "a", "a"},
	OpGetfieldB:       {"getfield_b", LayoutU1, InstanceField, "a", "s"},
	OpGetfieldS:       {"getfield_s", LayoutU1, InstanceField, "a", "s"},
	OpGetfieldI:       {"getfield_i", LayoutU1, InstanceField, "a", "i"},
	OpPutfieldA:       {"putfield_a", LayoutU1, InstanceField, "aa", ""},
	OpPutfieldB:       {"putfield_b", LayoutU1, InstanceField, "as", ""},
	OpPutfieldS:       {"putfield_s", LayoutU1, InstanceField, "as", ""},
	OpPutfieldI:       {"putfield_i", LayoutU1, InstanceField, "ai", ""},
	OpInvokevirtual:   {"invokevirtual", LayoutU2, VirtualMethod, "*", "*"},
	OpInvokespecial:   {"invokespecial", LayoutU2, SpecialMethod, "*", "*"},
	OpInvokestatic:    {"invokestatic", LayoutU2, StaticMethod, "*", "*"},
	OpInvokeinterface: {"invokeinterface", LayoutU1U2U1, InterfaceMethod, "*", "*"},
	OpNew:             {"new", LayoutU2, Class, "", "a"},
	OpNewarray:        {"newarray", LayoutU1, ArrayType, "s", "a"},
	OpAnewarray:       {"anewarray", LayoutU2, Class, "s", "a"},
	OpArraylength:     {"arraylength", LayoutNone, NoOperand, "a", "s"},
	OpAthrow:          {"athrow", LayoutNone, NoOperand, "a", ""},
	OpCheckcast:       {"checkcast", LayoutU1U2, TypeAndClass, "a", "a"},
	OpInstanceof:      {"instanceof", LayoutU1U2, TypeAndClass, "a", "s"},
	OpSincW:           {"sinc_w", LayoutU1S2, LocalAndImmediate, "", ""},
	OpIincW:           {"iinc_w", LayoutU1S2, LocalAndImmediate, "", ""},
	OpIfeqW:           {"ifeq_w", LayoutS2, Branch, "s", ""},
	OpIfneW:           {"ifne_w", LayoutS2, Branch, "s", ""},
	OpIfltW:           {"iflt_w", LayoutS2, Branch, "s", ""},
	OpIfgeW:           {"ifge_w", LayoutS2, Branch, "s", ""},
	OpIfgtW:           {"ifgt_w", LayoutS2, Branch, "s", ""},
	OpIfleW:           {"ifle_w", LayoutS2, Branch, "s", ""},
	OpIfnullW:         {"ifnull_w", LayoutS2, Branch, "a", ""},
	OpIfnonnullW:      {"ifnonnull_w", LayoutS2, Branch, "a", ""},
	OpIfAcmpeqW:       {"if_acmpeq_w", LayoutS2, Branch, "aa", ""},
	OpIfAcmpneW:       {"if_acmpne_w", LayoutS2, Branch, "aa", ""},
	OpIfScmpeqW:       {"if_scmpeq_w", LayoutS2, Branch, "ss", ""},
	OpIfScmpneW:       {"if_scmpne_w", LayoutS2, Branch, "ss", ""},
	OpIfScmpltW:       {"if_scmplt_w", LayoutS2, Branch, "ss", ""},
	OpIfScmpgeW:       {"if_scmpge_w", LayoutS2, Branch, "ss", ""},
	OpIfScmpgtW:       {"if_scmpgt_w", LayoutS2, Branch, "ss", ""},
	OpIfScmpleW:       {"if_scmple_w", LayoutS2, Branch, "ss", ""},
	OpGotoW:           {"goto_w", LayoutS2, Branch, "", ""},
	OpGetfieldAW:      {"getfield_a_w", LayoutU2, InstanceField, "a", "a"},
	OpGetfieldBW:      {"getfield_b_w", LayoutU2, InstanceField, "a", "s"},
	OpGetfieldSW:      {"getfield_s_w", LayoutU2, InstanceField, "a", "s"},
	OpGetfieldIW:      {"getfield_i_w", LayoutU2, InstanceField, "a", "i"},
	OpGetfieldAThis:   {"getfield_a_this", LayoutU1, InstanceField, "", "a"},
	OpGetfieldBThis:   {"getfield_b_this", LayoutU1, InstanceField, "", "s"},
	OpGetfieldSThis:   {"getfield_s_this", LayoutU1, InstanceField, "", "s"},
	OpGetfieldIThis:   {"getfield_i_this", LayoutU1, InstanceField, "", "i"},
	OpPutfieldAW:      {"putfield_a_w", LayoutU2, InstanceField, "aa", ""},
	OpPutfieldBW:      {"putfield_b_w", LayoutU2, InstanceField, "as", ""},
	OpPutfieldSW:      {"putfield_s_w", LayoutU2, InstanceField, "as", ""},
	OpPutfieldIW:      {"putfield_i_w", LayoutU2, InstanceField, "ai", ""},
	OpPutfieldAThis:   {"putfield_a_this", LayoutU1, InstanceField, "a", ""},
	OpPutfieldBThis:   {"putfield_b_this", LayoutU1, InstanceField, "s", ""},
	OpPutfieldSThis:   {"putfield_s_this", LayoutU1, InstanceField, "s", ""},
	OpPutfieldIThis:   {"putfield_i_this", LayoutU1, InstanceField, "i", ""},
}
