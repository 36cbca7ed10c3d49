// accepted
package inkan.lang.doubled;

public class Case {
    short field;
    static short shared;
    short[] cells;

    short all(short a, byte[] b) {
        short x = field = a;
        shared = x = cells[a] = (short) (a + 1);
        b[a++] += (byte) (b[--a] << 2);
        cells[0]++;
        return (short) (field++ + ++shared + cells[1]--);
    }
}
