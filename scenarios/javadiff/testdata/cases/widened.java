// int 8000000004000512FF 8000000004FFFE8001 80000000047FFF7FFF
package diff;

import javacard.framework.*;

/** Values that go where a short is expected and are used as ints, too. */
public class App extends Applet {
    static short shared;
    static byte small;
    short field;

    public static void install(byte[] b, short o, byte l) { new App().register(); }

    public void process(APDU apdu) {
        if (selectingApplet()) return;
        byte[] b = apdu.getBuffer();
        apdu.setIncomingAndReceive();
        short x = Util.getShort(b, (short) 5), y = Util.getShort(b, (short) 7), s;
        byte t;
        boolean c = (x & 1) == 0;
        int[] n = new int[9];
        short[] a = new short[4];
        n[0] = (int) (s = (short) (x * y));
        n[1] = (int) (field = (short) (x * y)) * y;
        n[2] = (int) (shared = small = (byte) (x + y));
        n[3] = (int) (a[1] = (short) (x - y)) << 3;
        n[4] = (c ? (s = y) : (shared = x)) * 70000;
        n[5] = (t = (byte) x) + a[1]++ + --a[2];
        n[6] = (s += y) * (a[(short) ((s = y) & 3)] -= x);
        n[(short) ((s = (short) 7) + 0)] = s * x;
        n[8] = half(s = x, y) + (int) (field++) * field--;
        short at = 0;
        for (short i = 0; i < 9; i++) {
            at = Util.setShort(b, at, (short) (n[i] >> 16));
            at = Util.setShort(b, at, (short) n[i]);
        }
        at = Util.setShort(b, at, s);
        at = Util.setShort(b, at, field);
        at = Util.setShort(b, at, shared);
        b[at++] = small;
        b[at++] = t;
        for (short i = 0; i < 4; i++) at = Util.setShort(b, at, a[i]);
        apdu.setOutgoingAndSend((short) 0, at);
    }

    static int half(short a, int b) { return a * b / 2; }
}
