import re,html
s=open('/tmp/h/measures/lfw/report/index.html').read()
i=s.index('id="why"'); t=s[i:i+90000]
t=re.sub(r'<svg.*?</svg>|<script.*?</script>|<style.*?</style>','',t,flags=re.S); 
t=re.sub(r'</tr>','\n',t); t=re.sub(r'</t[dh]>\s*',' | ',t); t=re.sub(r'<[^>]+>',' ',t); t=html.unescape(t); t=re.sub(r'\s*\n\s*\n+','\n',t)
t=re.sub(r'\|\s*\n','| ',t)
print(t[:30000])
