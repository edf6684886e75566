/** uPlot as the service serves it. */
import uPlot from 'uplot';
export default uPlot;
