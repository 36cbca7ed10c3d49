package bare

// personalInstall makes the applet's arrays: a record in NVM, and one array of
// either kind in RAM.
const personalInstall = `
    bspush 64
    newarray 11
    putstatic_a {#0}
    bspush 8
    sconst_1
    invokestatic {JCSystem.makeTransientByteArray(SB)[B}
    putstatic_a {#1}
    bspush 8
    sconst_2
    invokestatic {JCSystem.makeTransientByteArray(SB)[B}
    putstatic_a {#2}`

// personalProcess gives the record (INS 20), or what APDU.getProtocol and
// setOutgoing give (INS 21).
const personalProcess = `
    aload_2
    sconst_1
    baload
    slookupswitch unknown 0x20:record 0x21:protocol
record:
    getstatic_a {#0}
    sconst_0
    aload_2
    sconst_0
    bspush 64
    invokestatic {Util.arrayCopyNonAtomic([BS[BSS)S}
    pop
    aload_1
    sconst_0
    bspush 64
    invokevirtual {APDU.setOutgoingAndSend(SS)V}
    return
protocol:
    aload_2
    sconst_0
    invokestatic {APDU.getProtocol()B}
    bastore
    aload_2
    sconst_1
    invokestatic {APDU.getInBlockSize()S}
    s2b
    bastore
    aload_2
    sconst_2
    getstatic_a {#2}
    sconst_0
    baload
    bastore
    getstatic_a {#2}
    sconst_0
    getstatic_a {#2}
    sconst_0
    baload
    sconst_1
    sadd
    s2b
    bastore
    aload_2
    sconst_3
    aload_1
    invokevirtual {APDU.setOutgoing()S}
    s2b
    bastore
    aload_1
    sconst_4
    invokevirtual {APDU.setOutgoingLength(S)V}
    aload_1
    sconst_0
    sconst_4
    invokevirtual {APDU.sendBytes(SS)V}
    return
unknown:
    sspush 0x6D00
    invokestatic {ISOException.throwIt(S)V}
    return`

// personal is an applet that is personalised: the first byte of a block's data
// says what processData does. Locals: 1 the input, 2 its offset, 3 its length,
// 4 the output, 5 its offset; 6 and 7 are free.
var personal = source{fields: 3, install: personalInstall, process: personalProcess, personalization: `
    aload_1
    sload_2
    sconst_5
    sadd
    baload
    slookupswitch isofault 0:echo 1:isofault 2:null 3:open 4:aid 5:previous 6:onreset 7:ondeselect 8:makedeselect 9:level 10:decrypt 11:encrypt 12:end 13:toolong 14:negative 15:write 16:length 17:current 18:ok9000
echo:
    aload_1
    sload_2
    aload 4
    sload 5
    sload_3
    invokestatic {Util.arrayCopyNonAtomic([BS[BSS)S}
    pop
    sload_3
    sreturn
isofault:
    sspush 0x6A99
    invokestatic {ISOException.throwIt(S)V}
    sconst_0
    sreturn
ok9000:
    sspush -28672
    invokestatic {ISOException.throwIt(S)V}
    sconst_0
    sreturn
null:
    aconst_null
    arraylength
    sreturn
open:
    invokestatic {JCSystem.beginTransaction()V}
    getstatic_a {#0}
    sconst_0
    bspush 77
    bastore
    sconst_0
    sreturn
aid:
    invokestatic {JCSystem.getAID()Ljavacard/framework/AID;}
    aload 4
    sload 5
    invokevirtual {AID.getBytes([BS)B}
    sreturn
previous:
    aload 4
    sload 5
    sconst_1
    bastore
    invokestatic {JCSystem.getPreviousContextAID()Ljavacard/framework/AID;}
    ifnull one
    aload 4
    sload 5
    sconst_0
    bastore
one:
    sconst_1
    sreturn
onreset:
    getstatic_a {#1}
    sconst_0
    getstatic_a {#1}
    sconst_0
    baload
    sconst_1
    sadd
    s2b
    bastore
    aload 4
    sload 5
    getstatic_a {#1}
    sconst_0
    baload
    bastore
    goto one
ondeselect:
    getstatic_a {#2}
    sconst_0
    baload
    sreturn
makedeselect:
    sconst_4
    sconst_2
    invokestatic {JCSystem.makeTransientByteArray(SB)[B}
    pop
    sconst_0
    sreturn
level:
    aload 4
    sload 5
    invokestatic {GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;}
    invokeinterface 1 {SecureChannel} {SecureChannel!getSecurityLevel()B}
    bastore
    goto_w one
decrypt:
    invokestatic {GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;}
    aload_1
    sload_2
    bspush 6
    sadd
    sload_3
    bspush 6
    ssub
    invokeinterface 4 {SecureChannel} {SecureChannel!decryptData([BSS)S}
    sstore 6
    goto copy
encrypt:
    invokestatic {GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;}
    aload_1
    sload_2
    bspush 6
    sadd
    sload_3
    bspush 6
    ssub
    invokeinterface 4 {SecureChannel} {SecureChannel!encryptData([BSS)S}
    sstore 6
copy:
    aload_1
    sload_2
    bspush 6
    sadd
    aload 4
    sload 5
    sload 6
    invokestatic {Util.arrayCopyNonAtomic([BS[BSS)S}
    pop
    sload 6
    sreturn
end:
    invokestatic {GPSystem.getSecureChannel()Lorg/globalplatform/SecureChannel;}
    invokeinterface 1 {SecureChannel} {SecureChannel!resetSecurity()V}
    sconst_3
    sreturn
toolong:
    sspush 257
    sreturn
negative:
    sconst_m1
    sreturn
write:
    invokestatic {JCSystem.beginTransaction()V}
    aload_1
    sload_2
    bspush 6
    sadd
    getstatic_a {#0}
    sconst_0
    sload_3
    bspush 6
    ssub
    invokestatic {Util.arrayCopy([BS[BSS)S}
    pop
    aload_1
    sload_2
    bspush 6
    sadd
    getstatic_a {#0}
    bspush 32
    sload_3
    bspush 6
    ssub
    invokestatic {Util.arrayCopy([BS[BSS)S}
    pop
    invokestatic {JCSystem.commitTransaction()V}
    sconst_0
    sreturn
length:
    aload_1
    sload_2
    bspush 6
    sadd
    baload
    sspush 255
    sand
    sreturn
current:
    invokestatic {APDU.getCurrentAPDUBuffer()[B}
    pop
    sconst_0
    sreturn`}
