package javacard.framework;

/** A short command APDU and the response to it. */
public final class APDU {
    private final byte[] buffer = new byte[261];
    private final byte[] command;
    private final byte[] out = new byte[65536];
    private int outBytes;

    public APDU(byte[] command) {
        this.command = command;
        System.arraycopy(command, 0, buffer, 0, 5);
    }

    /** The response: what was sent, and a status word. */
    public byte[] response(short sw) {
        byte[] b = java.util.Arrays.copyOf(out, outBytes + 2);
        b[outBytes] = (byte) (sw >> 8);
        b[outBytes + 1] = (byte) sw;
        return b;
    }

    public byte[] getBuffer() {
        return buffer;
    }

    public short setIncomingAndReceive() {
        int n = command[4] & 0xFF;
        System.arraycopy(command, 5, buffer, 5, n);
        return (short) n;
    }

    public short setOutgoing() {
        return 256;
    }

    public void setOutgoingLength(short len) {}

    public void sendBytes(short bOff, short len) {
        sendBytesLong(buffer, bOff, len);
    }

    public void sendBytesLong(byte[] outData, short bOff, short len) {
        System.arraycopy(outData, bOff, out, outBytes, len);
        outBytes += len;
    }

    public void setOutgoingAndSend(short bOff, short len) {
        sendBytes(bOff, len);
    }
}
